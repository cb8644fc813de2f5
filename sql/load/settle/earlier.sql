-- What may be superseded: a row that says it is pending, or that is gone.
create or replace temp table candidate as
select m.*
from movements as m
join settling as s using (provider, connection_id, account_id)
where m.is_pending or m.vanished_at is not null;

-- Only what lies near a changed row can have changed its links: a link depends on three rounds of candidates, each of
-- them days away.
create or replace temp table near as
select s.provider, s.connection_id, s.account_id, min(m.day) - 80 as from_day
from movements as m
join (from settling semi join candidate using (provider, connection_id, account_id)) as s using (provider, connection_id, account_id)
where m.last_seen_at >= s.since or m.vanished_at >= s.since
group by all;

create or replace temp table earlier_row as
select m.*, bare_words(m.description) as words, is_hold(m.amount) and is_fuel(m.description, m.category) as is_fuel_hold,
  row_number() over (partition by m.provider, m.connection_id, m.account_id, m.direction, m.amount, m.day, bare_words(m.description) order by m.happened_at, m.transaction_id, m.ordinal) as twin
from candidate as m
join near as n using (provider, connection_id, account_id)
where m.day is null or n.from_day is null or m.day >= n.from_day;

-- One row supersedes one, and the best pair goes first: see pair.sql.
create or replace temp table link (
  provider varchar, connection_id varchar, account_id varchar, p_id varchar, p_ordinal integer, p_day date, q_id varchar, q_ordinal integer, rule varchar, score double
);
