-- What a batch leaves besides its rows: pages, rejects, drift. Each reject is kept once.
insert into ops.pages by name
select page_id, segment, run_id, pull_id, provider, connection_id, entity, account_id, try_cast(window_start as date) as window_start,
  try_cast(window_end as date) as window_end, try_cast(sequence as bigint) as sequence, try_cast(last as boolean) as last, try_cast(status as integer) as status,
  interaction_id, try_cast(requested_at as timestamptz) as requested_at, try_cast(fetched_at as timestamptz) as fetched_at, try_cast(bytes as bigint) as bytes, sha256, marks,
  try_cast(ms as bigint) as ms, try_cast(retries as bigint) as retries, coalesce(i.records, len(list), 0) as records
from page left join (select n, count(*) as records from item where nth_account is null group by n) as i using (n);

-- What must be settled when the load has all its pages: see settle/.
insert into ops.unsettled
select provider, connection_id, account_id, pull_id, min(fetched_at) from transaction_item where problem is null group by all
union
select provider, connection_id, record_id, pull_id, min(fetched_at) from record_item where family = 'account' and problem is null group by all
union
select provider, connection_id, account_id, pull_id, min(try_cast(fetched_at as timestamptz)) from page where entity = 'fdx.transactions' and account_id is not null group by all;

-- A Flinks answer is one reading of each account that has transactions in it, from the oldest of them to the newest.
insert into ops.readings
select i.provider, i.connection_id, i.account_id, i.pull_id, min(as_date(i.doc->>'Date')), max(as_date(i.doc->>'Date')), min(i.fetched_at), max(i.fetched_at), 1, count(*)
from transaction_item as i
semi join (from page where try_cast(last as boolean)) as p using (page_id)
where i.table_name = 'flinks.transactions' and i.problem is null
  and i.page_id not in (select page_id from rejected where is_lost_record(reason) and page_id is not null)
group by all;

create or replace temp table reject as
select provider, connection_id, table_name, key, field, raw, arg_min(reason, (seen_at, page_id)) as reason,
  arg_min(page_id, (seen_at, page_id)) as page_id, min(seen_at) as first_seen_at, max(seen_at) as last_seen_at
from rejected
group by all;

merge into ops.rejects as t using reject as r
on t.provider is not distinct from r.provider and t.connection_id is not distinct from r.connection_id and t.table_name = r.table_name
  and t.key = r.key and t.field = r.field and t.raw is not distinct from r.raw
when matched and (r.first_seen_at, r.page_id) < (t.first_seen_at, t.page_id) then
  update set first_seen_at = r.first_seen_at, page_id = r.page_id, reason = r.reason, last_seen_at = greatest(t.last_seen_at, r.last_seen_at)
when matched then update set last_seen_at = greatest(t.last_seen_at, r.last_seen_at)
when not matched then insert (provider, connection_id, page_id, table_name, key, field, reason, raw, first_seen_at, last_seen_at)
  values (r.provider, r.connection_id, r.page_id, r.table_name, r.key, r.field, r.reason, r.raw, r.first_seen_at, r.last_seen_at);

create or replace temp table drift as
select provider, table_name, field, value, min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at, sum(rows_seen)::bigint as rows_seen
from drifted
group by all;

merge into ops.drift as t using drift as d
on t.provider is not distinct from d.provider and t.table_name = d.table_name and t.field = d.field and t.value is not distinct from d.value
when matched then update set first_seen_at = least(t.first_seen_at, d.first_seen_at), last_seen_at = greatest(t.last_seen_at, d.last_seen_at), rows_seen = t.rows_seen + d.rows_seen
when not matched then insert (provider, table_name, field, value, first_seen_at, last_seen_at, rows_seen)
  values (d.provider, d.table_name, d.field, d.value, d.first_seen_at, d.last_seen_at, d.rows_seen);

-- The next slice starts with none.
delete from rejected;
delete from drifted;
