-- What a connection is worth, by currency and day.
select currency, day, assets, liabilities, net_worth
from mart.net_worth_daily
where connection_id = $1
order by currency, day
