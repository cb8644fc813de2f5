-- Transactions without an id that say the same are as many as one page has: the second and later get a number.
-- Those of different pages may be one that was sent twice, as pages shift while they are read.
update item as i
set transaction_id = t.transaction_id || '#' || t.twin, key = hash(p.provider, p.connection_id, i.account_id, t.transaction_id || '#' || t.twin)
from (
  select rowid as item, n, transaction_id, row_number() over (partition by n, account_id, transaction_id order by nth_account, position) as twin
  from item
  where transaction_id = 'content:' || content_hash and problem is null
) as t
join page as p using (n)
where i.rowid = t.item and t.twin > 1;
