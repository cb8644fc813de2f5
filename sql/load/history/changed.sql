-- Transactions of one id that do not all say the same.
create or replace temp table changed_id as
select provider, connection_id, account_id, transaction_id
from (
  select provider, connection_id, account_id, transaction_id, content_hash from transaction_item
  where problem is null and key in (from contested)
  union all
  select provider, connection_id, account_id, transaction_id, content_hash from known
)
group by provider, connection_id, account_id, transaction_id having min(content_hash) <> max(content_hash);
