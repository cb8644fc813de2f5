-- Regular income: credits of one payer to a deposit account in at least three months, of steady size.
-- Transfers from an account of the same connection (an equal amount out, within three days) are no income.
with movement as (
  select provider, connection_id, account_id, account_kind, currency, coalesce(payee, description) as payer, date, signed_amount as amount
  from mart.transactions
  where not is_pending and vanished_at is null and date is not null
), credit as (
  select *, date_trunc('month', date) as month
  from movement as c
  where account_kind = 'deposit' and amount > 0
    and not exists (
      from movement as d
      where d.provider = c.provider and d.connection_id = c.connection_id and d.currency is not distinct from c.currency
        and d.account_id <> c.account_id and d.amount = -c.amount and d.date between c.date - 3 and c.date + 3
    )
)
select
  provider, connection_id, account_id, currency, payer, count(*) as payments, count(distinct month) as months,
  median(amount) as usual_amount, min(amount) as smallest, max(amount) as largest, max(date) as last_paid
from credit
group by all
having count(distinct month) >= 3 and max(amount) <= 2 * min(amount)
order by usual_amount * payments desc, provider, connection_id, payer;
