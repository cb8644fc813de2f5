-- How much of each credit line is used.
select
  provider, connection_id, account_id, name, number, currency, balance, credit_limit,
  (100.0 * balance / nullif(credit_limit, 0))::decimal(9, 2) as percent_used
from mart.accounts
where account_kind = 'loc' and credit_limit > 0
order by percent_used desc;
