-- How complete each connection's data is: accounts without a balance, transactions without a date, values that were rejected.
with account as (
  select provider, connection_id, count(*) as accounts, count(*) filter (where balance is null) as without_balance
  from mart.accounts group by all
), movement as (
  select provider, connection_id, count(*) as transactions, count(*) filter (where date is null) as without_date,
         count(*) filter (where signed_amount is null) as without_amount
  from mart.transactions group by all
), reject as (
  select provider, connection_id, count(*) as rejected_values from ops.rejects group by all
)
select a.*, m.* exclude (provider, connection_id), coalesce(r.rejected_values, 0) as rejected_values
from account as a
left join movement as m using (provider, connection_id)
left join reject as r using (provider, connection_id)
order by rejected_values desc, connection_id;
