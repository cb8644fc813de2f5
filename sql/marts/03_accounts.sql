create or replace view mart.accounts as
with fdx_numbers as (
  select *, regexp_replace(coalesce(account_number, ''), '[\s-]', '', 'g') as whole, regexp_replace(coalesce(account_number_display, ''), '[\s-]', '', 'g') as shown
  from fdx.accounts
), fdx_accounts as (
  select
    provider, connection_id, account_id, 'fdx' as source, account_kind, account_type,
    coalesce(nickname, product_name, description, account_type) as name,
    if(least(4, length(whole) // 2) >= least(4, length(shown) // 2), whole, shown) as digits, -- what more can be shown of
    status, currency, balance,
    case when fdx.is_owed(account_kind, account_category, account_type, balance_type) then -balance else balance end as net_worth_balance,
    available, credit_limit, coalesce(balance_as_of, case when balance is not null then last_seen_at end) as balance_as_of,
    interest_rate, error_code, first_seen_at, last_seen_at, run_id, page_id
  from fdx_numbers
), flinks_kinds as (
  select *, flinks.account_kind(type, category) as account_kind from flinks.accounts
), flinks_accounts as (
  select
    provider, connection_id, account_id, 'flinks' as source, account_kind, type as account_type,
    coalesce(title, type) as name,
    coalesce('••••' || last_four_digits, regexp_replace(account_number, '[\s-]', '', 'g')) as digits,
    null as status, currency, balance_current as balance,
    flinks.net_worth(account_kind, balance_current, balance_available, balance_limit) as net_worth_balance,
    balance_available as available, balance_limit as credit_limit, last_seen_at as balance_as_of,
    null as interest_rate, null as error_code, first_seen_at, last_seen_at, run_id, page_id
  from flinks_kinds
), every as (
  from fdx_accounts union all by name from flinks_accounts
)
select
  provider, connection_id, account_id, source, account_kind, account_type, name,
  case when length(digits) > 1 then '••••' || right(regexp_replace(digits, '[^0-9A-Za-z]', '', 'g'), least(4, length(digits) // 2)::integer) end as number,
  status, currency, balance, net_worth_balance, available, credit_limit, balance_as_of, interest_rate, error_code,
  first_seen_at, last_seen_at, run_id, page_id
from every
anti join mart.replaced_accounts using (provider, connection_id, account_id);
comment on view mart.accounts is 'Every account, from FDX and Flinks, but those of ended connections whose person has connected anew (mart.replaced_accounts).';
comment on column mart.accounts.number is 'Account number, masked but for its last four characters; of a shorter one than eight, for half of them.';
comment on column mart.accounts.balance is 'Main balance of the kind, as the provider states it: what is owed on loans and cards is positive [pii: account]';
comment on column mart.accounts.net_worth_balance is 'The balance as the customer’s net worth sees it: what is owed is negative. Flinks does not document its sign on cards and loans: there it is what limit and available credit tell, else negative [pii: account]';
comment on column mart.accounts.available is 'What can be used: money, or credit on lines of credit [pii: account]';
comment on column mart.accounts.provider is 'Provider the connection is with.';
comment on column mart.accounts.connection_id is 'Connection the record came through.';
comment on column mart.accounts.account_id is 'Account, as the provider identifies it.';
comment on column mart.accounts.source is 'fdx or flinks: the protocol it came by.';
comment on column mart.accounts.account_kind is 'deposit, loan, loc (cards and lines of credit), investment, annuity, insurance, commercial, digital_wallet or other.';
comment on column mart.accounts.account_type is 'Type of account as sent.';
comment on column mart.accounts.name is 'What the customer calls it, else the product’s name [pii: direct]';
comment on column mart.accounts.status is 'Status of the account; kept as sent. Flinks states none.';
comment on column mart.accounts.currency is 'ISO 4217 code of the amounts.';
comment on column mart.accounts.credit_limit is 'Credit limit [pii: account]';
comment on column mart.accounts.balance_as_of is 'When the balance was true; where no time was sent, when it was fetched [pii: account]';
comment on column mart.accounts.interest_rate is 'Interest rate as sent: mostly percent a year [pii: account]';
comment on column mart.accounts.error_code is 'Error code of the provider: this account could not be read.';
comment on column mart.accounts.first_seen_at is 'When a page first had the record.';
comment on column mart.accounts.last_seen_at is 'When the newest page with the record was fetched.';
comment on column mart.accounts.run_id is 'Run that fetched that page.';
comment on column mart.accounts.page_id is 'Page the values come from.';
