-- Accounts that have new pages, and readings of theirs that are complete with them: none of the pages is missing,
-- partial (206), or lacks a transaction that could not be read.
create or replace temp table settling as
select provider, connection_id, account_id, min(seen_at) as since from ops.unsettled group by all;

insert into ops.readings
select p.provider, p.connection_id, p.account_id, p.pull_id, p.window_start, p.window_end,
  min(p.fetched_at), max(p.fetched_at), count(*), coalesce(sum(p.records), 0)
from ops.pages as p
semi join ops.unsettled as u
  on u.connection_id = p.connection_id and u.account_id = p.account_id and u.pull_id = p.pull_id
where p.entity = 'fdx.transactions'
group by all
having bool_or(p.last) and count(*) = max(p.sequence) and bool_and(coalesce(p.status, 200) <> 206)
  and not bool_or(p.page_id in (select page_id from ops.rejects where is_lost_record(reason) and page_id is not null));
