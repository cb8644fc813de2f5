-- Money in and out by month in one currency, of one connection or all.
select substr(cast(month as varchar), 1, 7) as month, sum(money_in) as money_in, -sum(money_out) as money_out, sum(net) as net
from mart.cash_flow_monthly
where currency = $2 and ($1 = '' or connection_id = $1)
group by month
order by month
