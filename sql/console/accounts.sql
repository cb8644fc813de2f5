-- Accounts of a connection, as everybody may see them.
select
  name, account_kind, number, balance, available, credit_limit, currency,
  balance_as_of::date as as_of, coalesce(error_code, status) as state
from mart.accounts
where connection_id = $1
order by account_kind, name, account_id
