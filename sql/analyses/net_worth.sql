-- What each connection is worth today, and how that compares with 30 days before.
with latest as (
  select connection_id, currency, max(day) as day from mart.net_worth_daily group by all
)
select
  n.provider, n.connection_id, n.currency, n.day, n.assets, n.liabilities, n.net_worth,
  n.net_worth - before.net_worth as change_in_30_days
from mart.net_worth_daily as n
join latest using (connection_id, currency, day)
left join mart.net_worth_daily as before
  on before.connection_id = n.connection_id and before.currency is not distinct from n.currency and before.day = n.day - 30
order by n.net_worth desc;
