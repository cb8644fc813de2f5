-- How full each credit line was at the end of each month, at the limit of today.
select
  b.provider, b.connection_id, b.account_id, u.name, u.currency, b.day as month_end, b.balance as owed, u.credit_limit,
  try_cast(round(100 * greatest(b.balance, 0)::DOUBLE / u.credit_limit::DOUBLE, 2) as DECIMAL(18,2)) as percent_used
from mart.balances_daily as b
join mart.credit_utilization as u using (provider, connection_id, account_id)
where u.credit_limit > 0 and b.account_kind = 'loc' and b.day = last_day(b.day)
order by b.provider, b.connection_id, b.account_id, month_end;
