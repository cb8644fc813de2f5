-- A transaction that does not say its kind is of its account's kind, where the account is known.
create or replace temp table table_of_account as
select provider, connection_id, record_id, max(transaction_table_of_account_table(table_name)) as table_name
from known_records
where family = 'account' and (provider, connection_id) in (select distinct (provider, connection_id) from page)
group by all;
