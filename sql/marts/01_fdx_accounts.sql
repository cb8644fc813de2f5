create or replace view fdx.accounts as
select 'deposit' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, available_balance) as balance, available_balance as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.deposit_accounts
union all
select 'loan' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  principal_balance as balance, null as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.loan_accounts
union all
select 'loc' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, principal_balance) as balance, available_credit as available, credit_line as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.loc_accounts
union all
select 'investment' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
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
select 'digital_wallet' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, available_balance) as balance, available_balance as available, null as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.digital_wallets
union all
select 'other' as account_kind, provider, connection_id, account_id, account_category, account_type, account_number, account_number_display, product_name, nickname, description, status, balance_type, currency, parent_account_id, routing_transit_number, interest_rate, last_activity_date, error_code, error_message,
  coalesce(current_balance, current_value, principal_balance) as balance, coalesce(available_balance, available_credit) as available, credit_line as credit_limit, balance_as_of as balance_as_of, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.other_accounts;
comment on view fdx.accounts is 'Accounts of every kind, by what they have in common; balance is the main one of each kind.';
