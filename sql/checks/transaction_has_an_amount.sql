-- A transaction says how much.
select provider, connection_id, account_id, transaction_id from mart.transactions where amount is null;
