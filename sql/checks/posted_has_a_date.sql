-- A posted transaction says when.
select provider, connection_id, account_id, transaction_id from mart.transactions where not is_pending and date is null;
