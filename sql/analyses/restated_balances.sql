-- Balances at the end of the last full month that the bank has corrected since.
-- As known the day after, and as known now.
with month_end as (
  select last_day((max(day) - interval 1 month)::date) as day from history.balance_readings
)
select provider, connection_id, account_id, as_of_day, last.currency, first.balance as known_then, last.balance as known_now, last.balance - first.balance as restated_by
from history.balance_as_of(null, (select day from month_end)) as last
join history.balance_as_of(null, (select day from month_end), known_at := (select day + interval 2 days from month_end)) as first
  using (provider, connection_id, account_id, as_of_day)
where last.balance <> first.balance
order by abs(restated_by) desc, provider, connection_id, account_id;
