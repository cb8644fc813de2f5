-- A transaction says how much.
select provider, connection_id, account_id, transaction_id from fdx.transactions where amount is null
union all
select provider, connection_id, account_id, transaction_id from flinks.transactions where debit is null and credit is null;
