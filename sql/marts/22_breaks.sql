create or replace view mart.breaks as
with stated as (
  select provider, connection_id, account_id, kind, currency, day as to_day, net_worth_balance as closing,
    lag(day) over in_time as from_day, lag(net_worth_balance) over in_time as opening
  from history.balances
  where kind in ('deposit', 'loc', 'commercial', 'digital_wallet')
  window in_time as (partition by provider, connection_id, account_id order by day)
), covered as (
  select r.provider, r.connection_id, r.account_id, min(r.window_start) as first_day,
    case when any_value(a.account_id) is null then max(r.window_end) else (max(r.ended_at) at time zone 'UTC')::date end as last_day
  from ops.readings as r
  left join flinks.accounts as a using (provider, connection_id, account_id)
  where r.records > 0
  group by all
), moved as (
  select provider, connection_id, account_id, date as day, sum(signed_amount) as amount, count(*) as rows
  from mart.transactions
  where not is_pending and vanished_at is null and date is not null
  group by all
), between_ as (
  select s.provider, s.connection_id, s.account_id, s.kind, s.currency, s.from_day, s.to_day, s.opening, s.closing,
    coalesce(sum(m.amount) filter (m.day > s.from_day), 0) as movements, coalesce(sum(m.rows) filter (m.day > s.from_day), 0) as transactions,
    coalesce(sum(m.amount) filter (m.day = s.from_day), 0) as on_first, coalesce(sum(m.amount) filter (m.day = s.to_day), 0) as on_last
  from stated as s
  join covered as c
    on c.provider = s.provider and c.connection_id = s.connection_id and c.account_id = s.account_id and c.first_day <= s.from_day and c.last_day >= s.to_day
  left join moved as m
    on m.provider = s.provider and m.connection_id = s.connection_id and m.account_id = s.account_id and m.day between s.from_day and s.to_day
  where s.from_day is not null
  group by all
)
select provider, connection_id, account_id, kind as account_kind, currency, from_day, to_day, opening, movements, transactions, closing,
  closing - opening - movements as difference
from between_
where closing - opening - movements not in (0, on_first, -on_last, on_first - on_last);
comment on view mart.breaks is 'Where two stated balances of an account and the posted transactions between them do not add up: something is missing, doubled or changed. Not reported where it adds up with the days at the ends counted otherwise, or where the transactions were not read.';
comment on column mart.breaks.provider is 'Provider the connection is with.';
comment on column mart.breaks.connection_id is 'Connection the account came through.';
comment on column mart.breaks.account_id is 'Account, as the provider identifies it.';
comment on column mart.breaks.account_kind is 'deposit, loc, commercial or digital_wallet: the kinds whose balance only transactions move.';
comment on column mart.breaks.currency is 'ISO 4217 code of the amounts.';
comment on column mart.breaks.from_day is 'Day of the earlier stated balance.';
comment on column mart.breaks.to_day is 'Day of the next one.';
comment on column mart.breaks.opening is 'The earlier balance, as net worth sees it: what is owed is negative [pii: account]';
comment on column mart.breaks.movements is 'Sum of the posted transactions after from_day, to_day included [pii: account]';
comment on column mart.breaks.transactions is 'How many those are.';
comment on column mart.breaks.closing is 'The later balance, as net worth sees it [pii: account]';
comment on column mart.breaks.difference is 'What closing is more than opening and movements together [pii: account]';
