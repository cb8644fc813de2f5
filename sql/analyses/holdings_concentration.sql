-- The share of each security in all that a connection holds in one currency: what a portfolio stands or falls with.
with position as (
  select provider, connection_id, currency, case when is_whole_account then account_id else coalesce(security_id, symbol, name) end as security, any_value(symbol) as symbol, any_value(name) as name,
    count(distinct account_id) as accounts, sum(market_value) as market_value
  from mart.holdings
  where market_value is not null
  group by all
)
select *,
  try_cast(round(100 * market_value::DOUBLE / nullif(sum(market_value) over (partition by provider, connection_id, currency), 0)::DOUBLE, 2) as DECIMAL(9,2)) as percent_of_portfolio
from position
order by percent_of_portfolio desc, provider, connection_id, security;
