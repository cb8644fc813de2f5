-- Balances by kind of account and day in one currency, of one connection or all; what is owed is negative.
select
  day,
  sum(net_worth_balance) filter (where account_kind in ('deposit', 'digital_wallet')) as deposits,
  sum(net_worth_balance) filter (where account_kind in ('investment', 'annuity', 'insurance')) as investments,
  sum(net_worth_balance) filter (where account_kind in ('commercial', 'other')) as other,
  sum(net_worth_balance) filter (where account_kind = 'loc') as cards_and_lines,
  sum(net_worth_balance) filter (where account_kind = 'loan') as loans
from mart.balances_daily
where currency = $2 and ($1 = '' or connection_id = $1)
group by day
order by day
