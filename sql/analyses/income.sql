-- Regular income: credits of one payer to a deposit account in at least three months, of steady size.
with credit as (
  select
    connection_id, account_id, currency, coalesce(payee, description) as payer,
    date_trunc('month', date) as month, signed_amount as amount
  from mart.transactions
  where account_kind = 'deposit' and signed_amount > 0 and not is_pending
)
select
  connection_id, account_id, currency, payer, count(*) as payments, count(distinct month) as months,
  median(amount) as usual_amount, min(amount) as smallest, max(amount) as largest
from credit
group by all
having count(distinct month) >= 3 and max(amount) <= 2 * min(amount)
order by usual_amount * payments desc;
