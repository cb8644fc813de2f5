-- Days on which a deposit account ended below zero, as far as its balances are known, and how low it went.
select provider, connection_id, account_id, currency,
  sum(to_day - from_day + 1)::BIGINT as days_below_zero, count(*) filter (from_day > previous_end + 1 or previous_end is null) as times,
  min(net_worth_balance) as lowest, min(from_day) as first_day, max(to_day) as latest_day
from (
  select *, lag(to_day) over (partition by provider, connection_id, account_id order by from_day) as previous_end
  from mart.balance_periods
  where account_kind = 'deposit' and net_worth_balance < 0
)
group by all
order by days_below_zero desc, provider, connection_id, account_id;
