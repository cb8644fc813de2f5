-- A transaction is one row of one table.
select provider, connection_id, account_id, transaction_id, ordinal
from (
  select provider, connection_id, account_id, transaction_id, ordinal from fdx.transactions
  union all
  select provider, connection_id, account_id, transaction_id, ordinal from flinks.transactions
)
group by all having count(*) > 1;
