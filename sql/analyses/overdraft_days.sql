-- Days on which a deposit account ended below zero, as far as its balances are known.
select provider, connection_id, account_id, currency, count(*) as days_below_zero, min(balance) as lowest, max(day) as latest
from history.balances
where kind = 'deposit' and balance < 0
group by all
order by days_below_zero desc;
