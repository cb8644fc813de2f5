create or replace view mart.net_worth_daily as
with account as (
  select provider, connection_id, account_id, arg_max(kind, day) as kind, arg_max(currency, day) as currency,
    min(day) as known_from, max(day) as known_to, arg_min(net_worth_balance, day) as first_balance
  from history.balances
  group by all
), movement as (
  select t.provider, t.connection_id, t.account_id, t.date as day, sum(coalesce(sign(t.signed_amount) * abs(t.principal_amount), t.signed_amount)) as amount
  from mart.transactions as t
  join account as a using (provider, connection_id, account_id)
  where not t.is_pending and t.date is not null and t.signed_amount is not null and a.kind in ('deposit', 'loc', 'loan') and t.date <= a.known_to
  group by all
), running as (
  select *, sum(amount) over (partition by provider, connection_id, account_id order by day) as so_far from movement
), span as (
  select provider, connection_id, currency, least(min(a.known_from), min(m.day)) as first_day, max(a.known_to) as last_day
  from account as a
  left join movement as m using (provider, connection_id, account_id)
  group by all
), account_day as (
  select a.*, unnest(generate_series(s.first_day, s.last_day, interval 1 day))::date as day
  from account as a
  join span as s on s.provider = a.provider and s.connection_id = a.connection_id and s.currency is not distinct from a.currency
), known as (
  select d.*, b.net_worth_balance as stated
  from account_day as d
  asof left join history.balances as b
    on b.provider = d.provider and b.connection_id = d.connection_id and b.account_id = d.account_id and d.day >= b.day
), at_first as (
  select a.provider, a.connection_id, a.account_id, coalesce(r.so_far, 0) as so_far
  from account as a
  asof left join running as r
    on r.provider = a.provider and r.connection_id = a.connection_id and r.account_id = a.account_id and a.known_from >= r.day
), walked as (
  select k.*, coalesce(r.so_far, 0) as so_far
  from known as k
  asof left join running as r
    on r.provider = k.provider and r.connection_id = k.connection_id and r.account_id = k.account_id and k.day >= r.day
), balance as (
  select w.provider, w.connection_id, w.currency, w.day,
    coalesce(w.stated, case when w.kind in ('deposit', 'loc', 'loan') then w.first_balance - (f.so_far - w.so_far) end) as amount
  from walked as w
  join at_first as f using (provider, connection_id, account_id)
)
select provider, connection_id, currency, day,
  coalesce(sum(amount) filter (amount > 0), 0) as assets,
  coalesce(-sum(amount) filter (amount < 0), 0) as liabilities,
  coalesce(sum(amount), 0) as net_worth,
  count(amount) as accounts
from balance
group by all;
comment on view mart.net_worth_daily is 'What a connection is worth, by day and currency: stated balances carried forward, and before the first of them walked back through posted transactions (deposits, cards, loans).';
comment on column mart.net_worth_daily.accounts is 'Accounts whose balance of that day is known.';
