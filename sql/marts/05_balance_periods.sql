create or replace view mart.balance_periods as
with counted as (
  -- Of an account that another connection sees now, what lies before.
  select b.* from history.balances as b
  anti join mart.replaced_accounts as r on r.provider = b.provider and r.connection_id = b.connection_id and r.account_id = b.account_id and b.day >= coalesce(r.from_day, b.day)
), account as (
  select provider, connection_id, account_id, arg_max(kind, day) as kind, arg_max(currency, day) as currency, max(day) as last_stated
  from counted
  group by all
), moved as (
  select provider, connection_id, account_id, t.date as day, sum(t.signed_amount) as itemised,
    sum(coalesce(sign(t.signed_amount) * abs(t.principal_amount), t.signed_amount)) as principal,
    bool_or(t.signed_amount < 0) as has_charges
  from mart.transactions as t
  join account as a using (provider, connection_id, account_id)
  where not t.is_pending and t.vanished_at is null and t.date <= a.last_stated and t.signed_amount is not null
    and a.kind in ('deposit', 'loc', 'loan', 'commercial', 'digital_wallet')
  group by all
), point as (
  select provider, connection_id, account_id, day, net_worth_balance as stated, null as itemised, null as principal, null as has_charges from counted
  union all by name
  select provider, connection_id, account_id, day, null as stated, itemised, principal, has_charges from moved
), day_of_account as (
  select provider, connection_id, account_id, day, any_value(stated) as stated, any_value(itemised) as itemised, any_value(principal) as principal, bool_or(has_charges) as has_charges
  from point
  group by all
), movement as (
  select d.*, a.kind, a.currency,
    coalesce(case when a.kind = 'loan' and not coalesce(bool_or(d.has_charges) over (partition by provider, connection_id, account_id), false) then d.principal else d.itemised end, 0) as amount
  from day_of_account as d
  join account as a using (provider, connection_id, account_id)
), running as (
  select *, sum(amount) over (partition by provider, connection_id, account_id order by day) as so_far
  from movement
), anchored as (
  select *,
    stated - so_far as gap,
    last_value(stated - so_far ignore nulls) over (partition by provider, connection_id, account_id order by day) as gap_before,
    first_value(stated - so_far ignore nulls) over (partition by provider, connection_id, account_id order by day rows between current row and unbounded following) as gap_after,
    lead(day) over (partition by provider, connection_id, account_id order by day) as next_day,
    row_number() over (partition by provider, connection_id, account_id order by day) = 1 as is_first,
    min(day) over (partition by provider, connection_id) as first_of_all,
    max(day) filter (where stated is not null) over (partition by provider, connection_id) as last_of_all
  from running
), period as (
  select provider, connection_id, account_id, kind, currency, day as from_day, coalesce(next_day - 1, last_of_all) as to_day,
    so_far + coalesce(gap_before, gap_after) as net_worth_balance,
    case when stated is not null then 'stated' when gap_before is not null then 'moved' else 'walked_back' end as basis
  from anchored
  union all by name
  select provider, connection_id, account_id, kind, currency, first_of_all as from_day, day - 1 as to_day,
    so_far - amount + coalesce(gap_before, gap_after) as net_worth_balance, 'walked_back' as basis
  from anchored
  where is_first and day > first_of_all and kind in ('deposit', 'loc', 'loan', 'commercial', 'digital_wallet')
)
select provider, connection_id, account_id, kind as account_kind, currency, from_day, to_day, net_worth_balance::DECIMAL(38,9) as net_worth_balance, basis
from period
where to_day >= from_day;
comment on view mart.balance_periods is 'End-of-day balance of each account, as periods in which it stayed the same: stated balances, between them moved on by posted transactions, and before the first of them walked back through those (not for investments, whose value moves by itself).';
comment on column mart.balance_periods.provider is 'Provider the connection is with.';
comment on column mart.balance_periods.connection_id is 'Connection the account came through.';
comment on column mart.balance_periods.account_id is 'Account, as the provider identifies it.';
comment on column mart.balance_periods.account_kind is 'deposit, loan, loc (cards and lines of credit), investment, annuity, insurance, commercial, digital_wallet or other.';
comment on column mart.balance_periods.currency is 'ISO 4217 code of the balance.';
comment on column mart.balance_periods.from_day is 'First day that ended with this balance.';
comment on column mart.balance_periods.to_day is 'Last day that ended with it; at most the day of the connection’s newest stated balance.';
comment on column mart.balance_periods.net_worth_balance is 'The balance as the customer’s net worth sees it: what is owed is negative [pii: account]';
comment on column mart.balance_periods.basis is 'stated (the provider stated it on from_day), moved (the stated one before it and the transactions since), walked_back (the first stated one without the transactions in between).';
