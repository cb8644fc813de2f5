-- Currencies that there is something to draw in, the most used first.
select currency, count(*) as accounts
from mart.accounts
where currency is not null and ($1 = '' or connection_id = $1)
group by currency
order by count(*) desc, currency
