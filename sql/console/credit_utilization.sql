-- The credit lines that are used most, in one currency, of one connection or all.
select concat_ws(' ', name, number) as line, percent_used, owed, credit_limit, connection_id
from mart.credit_utilization
where currency = $2 and percent_used is not null and ($1 = '' or connection_id = $1)
order by percent_used desc, connection_id, name
limit 25
