-- Money in and out of deposit accounts by month. Transfers between one's own accounts count on both sides.
select
  connection_id, currency, date_trunc('month', date)::date as month,
  sum(signed_amount) filter (where signed_amount > 0) as money_in,
  -sum(signed_amount) filter (where signed_amount < 0) as money_out,
  sum(signed_amount) as net
from mart.transactions
where account_kind = 'deposit' and not is_pending
group by all
order by connection_id, currency, month;
