-- Rows that a complete reading covered and no longer had, or that are there again. Days at the ends of a window
-- are left out: banks do not agree on whose midnight they are. A row that was seen since the oldest new page has
-- only the readings after that page to fear; of the others the first one that missed them still counts.
create or replace temp table gone as
with reading as (
  select r.provider, r.connection_id, r.account_id, r.started_at, r.window_start, r.window_end
  from ops.readings as r
  join settling as s using (provider, connection_id, account_id)
  where r.records > 0 and r.ended_at >= s.since and r.window_end > r.window_start
), span as (
  select provider, connection_id, account_id, min(window_start) as from_day, max(window_end) as to_day, max(started_at) as newest from reading group by all
), known as (
  select m.table_name, m.provider, m.connection_id, m.account_id, m.transaction_id, m.content_hash, m.day, m.last_seen_at, m.vanished_at, s.since,
    m.day > p.from_day and m.day < p.to_day and m.last_seen_at < p.newest as in_question
  from movements as m
  join settling as s using (provider, connection_id, account_id)
  left join span as p using (provider, connection_id, account_id)
  where (m.day > p.from_day and m.day < p.to_day and m.last_seen_at < p.newest) or m.vanished_at is not null
), judged as (
  select k.* exclude (in_question), min(r.started_at) as missed_at
  from known as k
  left join reading as r
    on k.in_question and r.provider = k.provider and r.connection_id = k.connection_id and r.account_id = k.account_id
    and r.started_at > k.last_seen_at and k.day > r.window_start and k.day < r.window_end
  group by all
)
select table_name, provider, connection_id, account_id, transaction_id, content_hash,
  case when last_seen_at >= since then missed_at else least(vanished_at, missed_at) end as found_at
from judged
where vanished_at is distinct from case when last_seen_at >= since then missed_at else least(vanished_at, missed_at) end;
