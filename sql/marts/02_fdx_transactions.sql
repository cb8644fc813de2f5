create or replace view fdx.transactions as
select 'deposit' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(payee, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, check_number as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.deposit_transactions
union all
select 'loan' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, payment_details_principal_amount as principal_amount, pull_id, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.loan_transactions
union all
select 'loc' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, check_number as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.loc_transactions
union all
select 'investment' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.investment_transactions
union all
select 'insurance' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.insurance_transactions
union all
select 'commercial' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.commercial_transactions
union all
select 'other' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(payee, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, check_number as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, run_id, page_id, extra
from fdx.other_transactions;
comment on view fdx.transactions is 'Transactions of every kind, by what they have in common.';
