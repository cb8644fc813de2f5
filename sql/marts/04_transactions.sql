create or replace view mart.transactions as
with account as (
  select provider, connection_id, account_id, account_kind, currency, coalesce(nickname, product_name, description, account_type) as name from fdx.accounts
  union all
  select provider, connection_id, account_id, flinks.account_kind(type, category), currency, coalesce(title, type) from flinks.accounts
), fdx_signed as (
  select *,
    case
      when upper(debit_credit_memo) in ('DEBIT', 'CREDIT', 'MEMO') then 'memo'
      when amount < 0 then 'amount_sign'
      when (account_kind = 'loan' and upper(transaction_type) in ('PAYMENT', 'DOUBLE_UP_PAYMENT', 'LUMP_SUM_PAYMENT', 'PAYOFF', 'FEE', 'INTEREST'))
        or (account_kind = 'loc' and upper(transaction_type) in ('PAYMENT', 'CHECK', 'FEE', 'INTEREST', 'PURCHASE', 'WITHDRAWAL'))
        or (account_kind = 'deposit' and upper(transaction_type) in ('ATMWITHDRAWAL', 'BILLPAYMENT', 'CHECK', 'FEE', 'POSDEBIT', 'WITHDRAWAL',
          'ATMDEPOSIT', 'DEPOSIT', 'DIRECTDEPOSIT', 'DIVIDEND', 'INTEREST', 'POSCREDIT'))
        then 'transaction_type'
      else 'amount_sign'
    end as sign_rule
  from fdx.transactions
), fdx_transactions as (
  select
    provider, connection_id, account_id, transaction_id, ordinal, 'fdx' as source, account_kind,
    (coalesce(posted_at, transacted_at) at time zone 'UTC')::date as date,
    posted_at, transacted_at, description, memo, payee, category, transaction_type, status,
    fdx.is_pending(status, debit_credit_memo, posted_at, transacted_at) as is_pending,
    amount, debit_credit_memo,
    case sign_rule
      when 'memo' then case upper(debit_credit_memo) when 'CREDIT' then abs(amount) else -abs(amount) end
      when 'transaction_type' then case
        when account_kind = 'deposit' and upper(transaction_type) in ('ATMWITHDRAWAL', 'BILLPAYMENT', 'CHECK', 'FEE', 'POSDEBIT', 'WITHDRAWAL') then -amount
        when account_kind in ('loc', 'loan') and upper(transaction_type) in ('CHECK', 'FEE', 'INTEREST', 'PURCHASE', 'WITHDRAWAL') then -amount
        else amount end
      else amount
    end as signed_amount,
    sign_rule, principal_amount, foreign_amount, foreign_currency, reference_transaction_id, check_number,
    vanished_at, first_seen_at, last_seen_at, run_id, page_id
  from fdx_signed
), flinks_transactions as (
  select
    t.provider, t.connection_id, t.account_id, t.transaction_id, t.ordinal, 'flinks' as source, coalesce(a.account_kind, 'deposit') as account_kind,
    t.date, null::timestamptz as posted_at, null::timestamptz as transacted_at, t.description, null as memo, null as payee, null as category, null as transaction_type,
    'POSTED' as status, false as is_pending,
    case when t.credit is null and t.debit is null then null else coalesce(t.credit, 0) - coalesce(t.debit, 0) end as amount, null as debit_credit_memo,
    case when t.credit is null and t.debit is null then null else coalesce(t.credit, 0) - coalesce(t.debit, 0) end as signed_amount,
    case when t.credit <> 0 and t.debit <> 0 then 'credit_minus_debit_both' else 'credit_minus_debit' end as sign_rule,
    null as principal_amount, null as foreign_amount, null as foreign_currency, null as reference_transaction_id, null as check_number,
    t.vanished_at, t.first_seen_at, t.last_seen_at, t.run_id, t.page_id
  from flinks.transactions as t
  left join account as a using (provider, connection_id, account_id)
), every as (
  from fdx_transactions union all by name from flinks_transactions
)
select e.* exclude (principal_amount, vanished_at, run_id, page_id, first_seen_at, last_seen_at),
  a.currency, a.name as account_name, e.principal_amount, e.vanished_at, e.first_seen_at, e.last_seen_at, e.run_id, e.page_id
from every as e
left join account as a
  on a.provider = e.provider and a.connection_id = e.connection_id and a.account_id = e.account_id
anti join history.transaction_links as l
  on l.provider = e.provider and l.connection_id = e.connection_id and l.account_id = e.account_id and l.supersedes_transaction_id = e.transaction_id and l.supersedes_ordinal = e.ordinal
anti join mart.replaced_accounts as r
  on r.provider = e.provider and r.connection_id = e.connection_id and r.account_id = e.account_id and e.date >= r.from_day
where not (e.is_pending and e.vanished_at is not null);
comment on view mart.transactions is 'Every transaction, from FDX and Flinks, but what another row supersedes (history.transaction_links), pending ones that are gone, and what a newer connection of the same person has read too (mart.replaced_accounts).';
comment on column mart.transactions.vanished_at is 'Set on a posted row that the provider no longer has, though nothing took its place: whether it counts is for you to say.';
comment on column mart.transactions.date is 'Day it was posted, else happened, as the provider wrote it (UTC).';
comment on column mart.transactions.signed_amount is 'Positive when money enters the account [pii: account]';
comment on column mart.transactions.sign_rule is 'Where the sign comes from: memo (debitCreditMemo), amount_sign (as sent), transaction_type (sent without a sign), credit_minus_debit (Flinks; _both when both are there).';
comment on column mart.transactions.provider is 'Provider the connection is with.';
comment on column mart.transactions.connection_id is 'Connection the record came through.';
comment on column mart.transactions.account_id is 'Account, as the provider identifies it.';
comment on column mart.transactions.transaction_id is 'Transaction, as the provider identifies it; a fingerprint of its content where it sent no id.';
comment on column mart.transactions.ordinal is 'Position among different rows of one id, from 1.';
comment on column mart.transactions.source is 'fdx or flinks: the protocol it came by.';
comment on column mart.transactions.account_kind is 'deposit, loan, loc (cards and lines of credit), investment, annuity, insurance, commercial, digital_wallet or other.';
comment on column mart.transactions.posted_at is 'When it was posted; absent while pending. Flinks sends days only [pii: account]';
comment on column mart.transactions.transacted_at is 'When it happened [pii: account]';
comment on column mart.transactions.description is 'Description by the provider [pii: account]';
comment on column mart.transactions.memo is 'Memo [pii: account]';
comment on column mart.transactions.payee is 'Merchant or person who was paid, or who paid [pii: direct]';
comment on column mart.transactions.category is 'Category as sent, preferably MCC or SIC [pii: account]';
comment on column mart.transactions.transaction_type is 'Type of transaction as sent.';
comment on column mart.transactions.status is 'PENDING, POSTED, AUTHORIZATION or MEMO as sent; Flinks sends posted ones only.';
comment on column mart.transactions.is_pending is 'Not posted yet.';
comment on column mart.transactions.amount is 'Amount as sent; of Flinks credit less debit [pii: account]';
comment on column mart.transactions.debit_credit_memo is 'DEBIT, CREDIT or MEMO: the direction, as sent.';
comment on column mart.transactions.foreign_amount is 'Amount in the foreign currency [pii: account]';
comment on column mart.transactions.foreign_currency is 'ISO 4217 code of the foreign amount.';
comment on column mart.transactions.reference_transaction_id is 'Transaction that this one reverses, or the authorisation that it settles [pii: account]';
comment on column mart.transactions.check_number is 'Number of the check [pii: account]';
comment on column mart.transactions.currency is 'ISO 4217 code of the amounts.';
comment on column mart.transactions.account_name is 'What the customer calls the account, else the product’s name [pii: direct]';
comment on column mart.transactions.principal_amount is 'Part of a loan payment that pays principal [pii: account]';
comment on column mart.transactions.first_seen_at is 'When a page first had the record.';
comment on column mart.transactions.last_seen_at is 'When the newest page with the record was fetched.';
comment on column mart.transactions.run_id is 'Run that fetched that page.';
comment on column mart.transactions.page_id is 'Page the values come from.';
