-- The largest payments out of deposit accounts and cards in the last 90 days of what is known.
with latest as (select max(date) as day from mart.transactions)
select t.provider, t.connection_id, t.date, t.account_name, t.description, t.signed_amount, t.currency
from mart.transactions as t, latest
where t.account_kind in ('deposit', 'loc') and t.signed_amount < 0 and t.vanished_at is null and t.date > latest.day - 90
order by t.signed_amount
limit 50;
