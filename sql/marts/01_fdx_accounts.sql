create or replace view fdx.accounts as
select 'deposit' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, coalesce(interest_rate, earned_interest_rate) as interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, available_balance) as balance, available_balance as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.deposit_accounts
union all
select 'loan' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, coalesce(interest_rate, charged_interest_rate) as interest_rate, last_activity_date, error_code, error_message,
  principal_balance as balance, null as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.loan_accounts
union all
select 'loc' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, coalesce(interest_rate, charged_interest_rate) as interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, principal_balance) as balance, available_credit as available, credit_line as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.loc_accounts
union all
select 'investment' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, coalesce(interest_rate, earned_interest_rate) as interest_rate, last_activity_date, error_code, error_message,
  current_value as balance, available_cash_balance as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.investment_accounts
union all
select 'annuity' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  coalesce(surrender_value, net_present_value) as balance, null as available, null as credit_limit, null as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.annuity_accounts
union all
select 'insurance' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  null as balance, null as available, null as credit_limit, null as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.insurance_accounts
union all
select 'commercial' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_ledger_balance, closing_ledger_balance) as balance, current_available_balance as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.commercial_accounts
union all
select 'digital_wallet' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, coalesce(interest_rate, earned_interest_rate) as interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, available_balance) as balance, available_balance as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.digital_wallets
union all
select 'other' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, current_value, principal_balance) as balance, coalesce(available_balance, available_credit) as available, credit_line as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.other_accounts;
comment on view fdx.accounts is 'Accounts of every kind, by what they have in common; balance is the main one of each kind.';
comment on column fdx.accounts.account_kind is 'Table the row is from: deposit, loan, loc (cards and lines of credit), investment, annuity, insurance, commercial, digital_wallet or other.';
comment on column fdx.accounts.provider is 'Provider the connection is with.';
comment on column fdx.accounts.connection_id is 'Connection the record came through.';
comment on column fdx.accounts.account_id is 'Account, as the provider identifies it.';
comment on column fdx.accounts.account_category is 'Kind of account as sent.';
comment on column fdx.accounts.account_type is 'Type of account, such as CHECKING; kept as sent.';
comment on column fdx.accounts.account_number is 'Account number in full [pii: direct]';
comment on column fdx.accounts.account_number_display is 'Account number as shown to the customer; some providers send it in full [pii: direct]';
comment on column fdx.accounts.product_name is 'Name of the product.';
comment on column fdx.accounts.nickname is 'Name the customer gave the account [pii: direct]';
comment on column fdx.accounts.description is 'Description of the account [pii: account]';
comment on column fdx.accounts.status is 'Status of the account; kept as sent.';
comment on column fdx.accounts.balance_type is 'ASSET: a positive amount raises the balance; LIABILITY: it lowers it.';
comment on column fdx.accounts.currency is 'ISO 4217 code of the amounts.';
comment on column fdx.accounts.parent_account_id is 'Account that this one belongs to [pii: account]';
comment on column fdx.accounts.routing_transit_number is 'Routing or transit number; leading zeros matter.';
comment on column fdx.accounts.interest_rate is 'Interest rate as sent, from 6.4 that of earnedInterest or chargedInterest: mostly percent; no unit is declared [pii: account]';
comment on column fdx.accounts.last_activity_date is 'Day of the last activity [pii: account]';
comment on column fdx.accounts.error_code is 'Error code of the provider: this account could not be read.';
comment on column fdx.accounts.error_message is 'Error message of the provider.';
comment on column fdx.accounts.balance is 'Main balance of the kind, as stated [pii: account]';
comment on column fdx.accounts.available is 'What can be used: money, or credit on lines of credit [pii: account]';
comment on column fdx.accounts.credit_limit is 'Credit limit [pii: account]';
comment on column fdx.accounts.balance_as_of is 'When the balances were true [pii: account]';
comment on column fdx.accounts.first_seen_at is 'When a page first had the record.';
comment on column fdx.accounts.last_seen_at is 'When the newest page with the record was fetched.';
comment on column fdx.accounts.run_id is 'Run that fetched that page.';
comment on column fdx.accounts.page_id is 'Page the values come from.';
comment on column fdx.accounts.extra is 'Members of the record that no column is for, and the raw text of values that could not be read.';
