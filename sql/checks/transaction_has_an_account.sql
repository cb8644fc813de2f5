-- A transaction belongs to an account that was read.
select t.provider, t.connection_id, t.account_id, t.transaction_id
from mart.transactions as t
anti join mart.accounts as a on a.provider = t.provider and a.connection_id = t.connection_id and a.account_id = t.account_id;
