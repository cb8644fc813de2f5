-- A transaction belongs to an account that was read.
select t.provider, t.connection_id, t.account_id
from (
  select distinct provider, connection_id, account_id from fdx.transactions
  union
  select distinct provider, connection_id, account_id from flinks.transactions
) as t
anti join mart.accounts as a using (provider, connection_id, account_id);
