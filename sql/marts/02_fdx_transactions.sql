create or replace view fdx.transactions as
select 'deposit' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(payee, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, check_number as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, vanished_at, run_id, page_id, extra
from fdx.deposit_transactions
union all
select 'loan' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, payment_details_principal_amount as principal_amount, pull_id, first_seen_at, last_seen_at, vanished_at, run_id, page_id, extra
from fdx.loan_transactions
union all
select 'loc' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, check_number as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, vanished_at, run_id, page_id, extra
from fdx.loc_transactions
union all
select 'investment' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, vanished_at, run_id, page_id, extra
from fdx.investment_transactions
union all
select 'insurance' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, vanished_at, run_id, page_id, extra
from fdx.insurance_transactions
union all
select 'commercial' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(null, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, null as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, vanished_at, run_id, page_id, extra
from fdx.commercial_transactions
union all
select 'other' as account_kind, provider, connection_id, account_id, transaction_id, ordinal, reference_transaction_id, posted_at, transacted_at, description, memo, debit_credit_memo, category, sub_category, reference, status, transaction_type, amount, foreign_amount, foreign_currency,
  coalesce(payee, transaction_payee_merchant_name, transaction_payee_individual_name) as payee, check_number as check_number, null as principal_amount, pull_id, first_seen_at, last_seen_at, vanished_at, run_id, page_id, extra
from fdx.other_transactions;
comment on view fdx.transactions is 'Transactions of every kind, by what they have in common.';
comment on column fdx.transactions.account_kind is 'Table the row is from: deposit, loan, loc, investment, insurance, commercial or other.';
comment on column fdx.transactions.provider is 'Provider the connection is with.';
comment on column fdx.transactions.connection_id is 'Connection the record came through.';
comment on column fdx.transactions.account_id is 'Account, as the provider identifies it.';
comment on column fdx.transactions.transaction_id is 'Transaction, as the provider identifies it; a fingerprint of its content where it sent no id.';
comment on column fdx.transactions.ordinal is 'Position among different rows of one id, from 1.';
comment on column fdx.transactions.reference_transaction_id is 'Transaction that this one reverses, or the authorisation that it settles [pii: account]';
comment on column fdx.transactions.posted_at is 'When it was posted; absent while pending [pii: account]';
comment on column fdx.transactions.transacted_at is 'When it happened [pii: account]';
comment on column fdx.transactions.description is 'Description by the provider [pii: account]';
comment on column fdx.transactions.memo is 'Memo [pii: account]';
comment on column fdx.transactions.debit_credit_memo is 'DEBIT, CREDIT or MEMO: the direction, as sent.';
comment on column fdx.transactions.category is 'Category, preferably MCC or SIC [pii: account]';
comment on column fdx.transactions.sub_category is 'Category in more detail [pii: account]';
comment on column fdx.transactions.reference is 'Reference of the provider [pii: account]';
comment on column fdx.transactions.status is 'PENDING, POSTED, AUTHORIZATION or MEMO; kept as sent.';
comment on column fdx.transactions.transaction_type is 'Type of transaction; kept as sent.';
comment on column fdx.transactions.amount is 'Amount as sent; the direction is in debit_credit_memo, or in the sign [pii: account]';
comment on column fdx.transactions.foreign_amount is 'Amount in the foreign currency [pii: account]';
comment on column fdx.transactions.foreign_currency is 'ISO 4217 code of the foreign amount.';
comment on column fdx.transactions.payee is 'Merchant or person who was paid, or who paid [pii: direct]';
comment on column fdx.transactions.check_number is 'Number of the check [pii: account]';
comment on column fdx.transactions.principal_amount is 'Part of a loan payment that pays principal [pii: account]';
comment on column fdx.transactions.pull_id is 'Reading of the stream that the page belongs to.';
comment on column fdx.transactions.first_seen_at is 'When a page first had the record.';
comment on column fdx.transactions.last_seen_at is 'When the newest page with the record was fetched.';
comment on column fdx.transactions.vanished_at is 'Start of the first complete reading that covered its day and no longer had it; NULL while it is there.';
comment on column fdx.transactions.run_id is 'Run that fetched that page.';
comment on column fdx.transactions.page_id is 'Page the values come from.';
comment on column fdx.transactions.extra is 'Members of the record that no column is for, and the raw text of values that could not be read.';
