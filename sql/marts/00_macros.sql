-- Whether a row says of itself that it is not posted yet (facts: FDX pending and posted).
create or replace macro fdx.is_pending(status, debit_credit_memo, posted_at, transacted_at) as
  upper(coalesce(status, '')) in ('PENDING', 'AUTHORIZATION', 'MEMO') or upper(coalesce(debit_credit_memo, '')) = 'MEMO'
  or (status is null and posted_at is null and debit_credit_memo is null and transacted_at is not null);
