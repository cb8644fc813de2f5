-- Transactions listed by themselves; the account may stand in the request's path alone.
create or replace temp view found as
select null::varchar as table_of_account, provider, connection_id, account_id as page_account_id,
  run_id, page_id, pull_id, fetched_at::timestamptz as fetched_at, unnest(list) as item,
  'transactions' as place, generate_subscripts(list, 1) as position
from page;
