-- The same with full account numbers: asked for by a person, and noted in the audit log.
with full_number as (
  select provider, connection_id, account_id, coalesce(account_number, account_number_display) as number
  from fdx.accounts where connection_id = $1
  union all
  select provider, connection_id, account_id, concat_ws(' ', institution_number, transit_number, account_number) as number
  from flinks.accounts where connection_id = $1
)
select
  a.name, a.account_kind, f.number, a.balance, a.available, a.credit_limit, a.currency,
  a.balance_as_of::date as as_of, coalesce(a.error_code, a.status) as state
from mart.accounts as a
left join full_number as f using (provider, connection_id, account_id)
where a.connection_id = $1
order by a.account_kind, a.name, a.account_id
