-- A transaction is one row of one table. Keys are told apart by hash first: most are alone with theirs.
with every as (
  select provider, connection_id, account_id, transaction_id, ordinal from fdx.transactions
  union all
  select provider, connection_id, account_id, transaction_id, ordinal from flinks.transactions
), twin as (
  select hash(provider, connection_id, account_id, transaction_id, ordinal) as key from every group by key having count(*) > 1
)
select provider, connection_id, account_id, transaction_id, ordinal
from every where hash(provider, connection_id, account_id, transaction_id, ordinal) in (from twin)
group by all having count(*) > 1;
