-- Net worth by day in one currency, of one connection or all.
select day, sum(assets) as assets, sum(liabilities) as liabilities, sum(net_worth) as net_worth
from mart.net_worth_daily
where currency = $2 and ($1 = '' or connection_id = $1)
group by day
order by day
