-- The newest pages of a connection. Account ids may be account numbers: only their end is shown.
select
  date_trunc('second', fetched_at) as fetched, entity,
  case when length(account_id) > 5 then '…' || right(account_id, 4) else account_id end as account,
  window_start as "from", window_end as until, sequence as page, status, bytes, case when last then 'last' end as is_last, page_id
from ops.pages
where connection_id = $1
order by fetched_at desc, page_id
limit 50
