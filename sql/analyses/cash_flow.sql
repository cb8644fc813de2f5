-- Money in and out of deposit accounts by month. Transfers between one's own accounts count on both sides.
select
  provider, connection_id, currency, month,
  sum(money_in) as money_in, sum(money_out) as money_out, sum(net) as net
from mart.cash_flow_monthly
where account_kind = 'deposit'
group by all
order by provider, connection_id, currency, month;
