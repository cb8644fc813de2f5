-- An account is one row of one table.
select provider, connection_id, account_id from mart.accounts group by all having count(*) > 1;
