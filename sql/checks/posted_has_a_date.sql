-- A posted transaction says when.
select provider, connection_id, account_id, transaction_id from fdx.transactions
where posted_at is null and transacted_at is null
  and upper(coalesce(status, '')) not in ('PENDING', 'AUTHORIZATION', 'MEMO') and upper(coalesce(debit_credit_memo, '')) <> 'MEMO'
union all
select provider, connection_id, account_id, transaction_id from flinks.transactions where date is null;
