-- How far each loan is paid off, and what its next payment is.
select
  provider, connection_id, account_id, account_type, original_principal, principal_balance, currency,
  (100 * (original_principal - principal_balance) / nullif(original_principal, 0))::decimal(9, 2) as percent_paid,
  next_payment_amount, next_payment_date, maturity_date
from fdx.loan_accounts
order by percent_paid desc nulls last;
