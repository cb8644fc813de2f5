-- How each loan pays off from here, year by year: payments, interest, principal, and what is still owed at the end of the year.
select
  provider, connection_id, account_id, currency, year(due_date) as year, count(*) as payments,
  sum(payment) as paid, sum(interest) as interest, sum(principal) as principal, min(owed_after) as owed_at_end
from mart.loan_schedule
where status = 'scheduled'
group by all
order by provider, connection_id, account_id, year;
