-- How much of each credit line is used, the fullest first.
select provider, connection_id, account_id, name, number, currency, owed, credit_limit, available, percent_used
from mart.credit_utilization
where credit_limit > 0
order by percent_used desc, provider, connection_id, account_id;
