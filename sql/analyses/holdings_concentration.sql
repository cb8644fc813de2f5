-- The share of each holding in its investment account: what a portfolio stands or falls with.
select
  provider, connection_id, account_id, symbol, holding_name, market_value,
  (100 * market_value / nullif(sum(market_value) over (partition by connection_id, account_id), 0))::decimal(9, 2) as percent_of_account
from fdx.holdings
where market_value is not null
order by percent_of_account desc;
