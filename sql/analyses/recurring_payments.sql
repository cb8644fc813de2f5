-- Payments that come back: one payee, at least four times, about a week, two weeks, a month or a year apart.
with payment as (
  select
    connection_id, account_id, currency, coalesce(payee, description) as payee, date, -signed_amount as amount,
    date - lag(date) over (partition by connection_id, account_id, coalesce(payee, description) order by date) as days_between
  from mart.transactions
  where signed_amount < 0 and not is_pending and vanished_at is null and date is not null
)
select
  connection_id, account_id, currency, payee, count(*) as payments, median(days_between) as usual_days_between,
  median(amount) as usual_amount, max(date) as last_paid
from payment
group by all
having count(*) >= 4
  and (median(days_between) between 6 and 8 or median(days_between) between 13 and 15
    or median(days_between) between 27 and 32 or median(days_between) between 360 and 370)
  and quantile_cont(days_between, 0.9) - quantile_cont(days_between, 0.1) <= 6
order by connection_id, usual_amount desc;
