create or replace view mart.credit_utilization as
with line as (
  select *, coalesce(nullif(credit_limit, 0), case when account_kind = 'loc' then -net_worth_balance + available end) as line
  from mart.accounts
  where account_kind in ('loc', 'other') and (credit_limit > 0 or account_kind = 'loc')
)
select
  provider, connection_id, account_id, source, account_kind, account_type, name, number, currency,
  -net_worth_balance as owed, line::DECIMAL(38,9) as credit_limit,
  case when credit_limit > 0 then 'stated' when line > 0 then 'owed_plus_available' end as limit_basis,
  available,
  case when line > 0 then try_cast(round(100 * greatest(-net_worth_balance, 0)::DOUBLE / line::DOUBLE, 2) as DECIMAL(18,2)) end as percent_used,
  balance_as_of, interest_rate, last_seen_at, run_id, page_id
from line;
comment on view mart.credit_utilization is 'How much of each credit line is used now: cards, lines of credit, and other accounts that state a limit.';
comment on column mart.credit_utilization.provider is 'Provider the connection is with.';
comment on column mart.credit_utilization.connection_id is 'Connection the account came through.';
comment on column mart.credit_utilization.account_id is 'Account, as the provider identifies it.';
comment on column mart.credit_utilization.source is 'fdx or flinks: the protocol it came by.';
comment on column mart.credit_utilization.account_kind is 'loc (cards and lines of credit) or other.';
comment on column mart.credit_utilization.account_type is 'Type of account as sent.';
comment on column mart.credit_utilization.name is 'What customer or provider call the account [pii: direct]';
comment on column mart.credit_utilization.number is 'Account number, masked but for its last four characters; of a shorter one than eight, for half of them.';
comment on column mart.credit_utilization.currency is 'ISO 4217 code of the amounts.';
comment on column mart.credit_utilization.owed is 'What is owed; negative when overpaid [pii: account]';
comment on column mart.credit_utilization.credit_limit is 'The limit [pii: account]';
comment on column mart.credit_utilization.limit_basis is 'stated, or owed_plus_available where no limit was sent; NULL when neither is known.';
comment on column mart.credit_utilization.available is 'Credit that can still be used, as stated: pending purchases may be off already [pii: account]';
comment on column mart.credit_utilization.percent_used is 'What is owed, in percent of the limit, rounded to two places; over 100 when over the limit [pii: account]';
comment on column mart.credit_utilization.balance_as_of is 'When the balance was true [pii: account]';
comment on column mart.credit_utilization.interest_rate is 'Interest rate as sent: mostly percent a year [pii: account]';
comment on column mart.credit_utilization.last_seen_at is 'When the newest page with the account was fetched.';
comment on column mart.credit_utilization.run_id is 'Run that fetched that page.';
comment on column mart.credit_utilization.page_id is 'Page the values come from.';
