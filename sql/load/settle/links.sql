-- Which rows supersede which, by what the provider says and by how much they are alike.
-- What may supersede it: a row of about that time, itself gone or not.
create or replace temp table later_row as
with span as (
  select provider, connection_id, account_id, min(day) - 1 as from_day, max(day) + 14 as to_day, list(distinct transaction_id) as ids from earlier_row group by all
)
select m.*, bare_words(m.description) as words,
  row_number() over (partition by m.provider, m.connection_id, m.account_id, m.direction, m.amount, m.day, bare_words(m.description) order by m.happened_at, m.transaction_id, m.ordinal) as twin
from movements as m
join span as s using (provider, connection_id, account_id)
where (m.day between s.from_day and s.to_day or list_contains(s.ids, m.reference_transaction_id));

create or replace temp table candidate as
with said as (
  -- The provider says so: by reference, or by an id that both rows of one reading have.
  select p, q, case when q.reference_transaction_id = p.transaction_id then 'reference' else 'same_id' end as rule, 1.0 as score
  from earlier_row as p
  join later_row as q
    on q.provider = p.provider and q.connection_id = p.connection_id and q.account_id = p.account_id
    and (q.reference_transaction_id = p.transaction_id or q.transaction_id = p.transaction_id)
  where p.is_pending and not q.is_pending
), close_ as (
  select p, q, alike(p.words, q.words) as text,
    -- A bank takes the one row away when it shows the other.
    abs(epoch(q.first_seen_at) - epoch(p.vanished_at)) / 86400 as days_apart,
    case
      when q.amount = p.amount then case when p.is_pending and not q.is_pending then 'settled' when p.is_pending = q.is_pending and q.day - p.day between -1 and 1 then 'reissued' end
      when not p.is_pending or q.is_pending or p.direction > 0 then null
      when p.is_fuel_hold and q.amount between 1 and 400 then 'hold'
      when q.amount > p.amount and q.amount <= p.amount * 1.35 then 'tip'
    end as rule
  from earlier_row as p
  join later_row as q
    on q.provider = p.provider and q.connection_id = p.connection_id and q.account_id = p.account_id
    and q.direction = p.direction and q.day >= p.day - 1 and q.day <= p.day + 14
  where p.vanished_at is not null
    and q.first_seen_at > p.first_seen_at + interval 1 hour and q.first_seen_at < p.vanished_at + interval 7 days and q.last_seen_at > p.last_seen_at
    and (q.amount = p.amount or (p.is_pending and q.amount > p.amount and q.amount <= p.amount * 1.35) or p.is_fuel_hold)
), scored as (
  select p, q, rule, text,
    case rule when 'tip' then 0.40 - 0.40 * (q.amount / p.amount - 1)::double when 'hold' then 0.32 else 0.40 end
      + 0.35 * text
      + 0.20 * (1 - least(days_apart, 7) / 7)
      + 0.05 * case when q.happened_at = p.happened_at then 1 else 0.5 end
      - 0.005 * abs(q.day - p.day) / 14 - 0.001 * least(abs(p.twin - q.twin), 5) as score
  from close_
  where rule is not null
)
select p.provider as provider, p.connection_id as connection_id, p.account_id as account_id, p.transaction_id as p_id, p.ordinal as p_ordinal, p.day as p_day,
  q.transaction_id as q_id, q.ordinal as q_ordinal, rule, score
from (
  select p, q, rule, score from said
  union all
  select p, q, rule, score from scored where score >= 0.6 and text >= case rule when 'settled' then 0.2 else 0.45 end
);
