-- Whether a row says of itself that it is not posted yet (facts: FDX pending and posted).
create or replace macro fdx.is_pending(status, debit_credit_memo, posted_at, transacted_at) as
  upper(coalesce(status, '')) in ('PENDING', 'AUTHORIZATION', 'MEMO') or upper(coalesce(debit_credit_memo, '')) = 'MEMO'
  or (status is null and posted_at is null and debit_credit_memo is null and transacted_at is not null);
-- Whether an account's balance is what the customer owes. COMMERCIALINEOFCREDIT is how the specification's own table spells it.
create or replace macro fdx.is_owed(account_kind, account_category, account_type, balance_type) as
  account_kind in ('loan', 'loc')
  or (account_kind in ('commercial', 'other') and (upper(coalesce(balance_type, '')) = 'LIABILITY' or upper(coalesce(account_category, '')) = 'BNPL_ACCOUNT'
    or upper(coalesce(account_type, '')) in ('COMMERCIALLOAN', 'COMMERCIALLINEOFCREDIT', 'COMMERCIALINEOFCREDIT', 'BNPL')));
-- Flinks: the type first, then the category; its pages disagree on where loans stand (facts: Flinks 7).
create or replace macro flinks.account_kind(type, category) as
  case
    when type ilike 'CreditCard%' or type ilike 'LineOfCredit%' then 'loc'
    when type ilike 'Loan%' or type ilike 'Mortgage%' then 'loan'
    when type ilike '%Annuity%' then 'annuity'
    when type ilike '%Insurance%' then 'insurance'
    when category = 'Products' then 'investment'
    when category = 'Credits' then 'loc'
    else 'deposit'
  end;
-- Flinks does not say whether a card's positive balance is owed: limit and available credit tell, where both are
-- there (an overpaid card has more available than its limit); else any balance of a card or loan is owed.
create or replace macro flinks.net_worth(account_kind, balance, available, credit_limit) as
  case
    when account_kind not in ('loan', 'loc') then balance
    when credit_limit - available = balance then -balance
    when credit_limit - available = -balance then balance
    else -abs(balance)
  end;
