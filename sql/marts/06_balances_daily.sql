create or replace view mart.balances_daily as
with every_day as (
  select *, greatest(from_day, date '1970-01-01') + unnest(range(0, least(to_day, date '2100-01-01') - greatest(from_day, date '1970-01-01') + 1))::INTEGER as day
  from mart.balance_periods
)
select
  provider, connection_id, account_id, account_kind, currency, day,
  case when account_kind in ('loan', 'loc') then -net_worth_balance else net_worth_balance end as balance,
  net_worth_balance, basis, day = from_day and basis = 'stated' as is_stated
from every_day;
comment on view mart.balances_daily is 'End-of-day balance of each account, a row a day. mart.balance_periods has the same in fewer rows.';
comment on column mart.balances_daily.provider is 'Provider the connection is with.';
comment on column mart.balances_daily.connection_id is 'Connection the account came through.';
comment on column mart.balances_daily.account_id is 'Account, as the provider identifies it.';
comment on column mart.balances_daily.account_kind is 'deposit, loan, loc (cards and lines of credit), investment, annuity, insurance, commercial, digital_wallet or other.';
comment on column mart.balances_daily.currency is 'ISO 4217 code of the balance.';
comment on column mart.balances_daily.day is 'The day, in UTC.';
comment on column mart.balances_daily.balance is 'What is there at the end of the day; on loans, cards and lines of credit what is owed, positive [pii: account]';
comment on column mart.balances_daily.net_worth_balance is 'The same as the customer’s net worth sees it: what is owed is negative [pii: account]';
comment on column mart.balances_daily.basis is 'How it is known: stated, moved (by transactions since the stated balance before), walked_back (from the first stated balance).';
comment on column mart.balances_daily.is_stated is 'The provider stated the balance on this very day.';
