-- Questions with parameters. They are in every published generation: from history.balance_as_of('ID', date '2026-03-01')
create or replace macro history.balance_as_of(account, as_of_day, known_at := null) as table
  select provider, connection_id, account_id, as_of_day::date as as_of_day, unnest(arg_max(
    { 'stated_day': day, 'balance': balance, 'net_worth_balance': net_worth_balance, 'currency': currency, 'kind': kind, 'fetched_at': fetched_at, 'page_id': page_id },
    { 'day': day, 'fetched_at': fetched_at, 'page_id': page_id }))
  from history.balance_readings
  where (account is null or account_id = account) and day <= as_of_day::date and (known_at is null or fetched_at <= known_at::timestamptz)
  group by provider, connection_id, account_id;
comment on macro table history.balance_as_of is 'The balance of an account (NULL: of every account) on a day, as it was known at an instant (default: now): the newest stated one of that day or before.';

create or replace macro history.transactions_as_of(account, known_at) as table
  select * from history.transactions
  where (account is null or account_id = account) and known_from <= known_at::timestamptz and (known_to is null or known_to > known_at::timestamptz);
comment on macro table history.transactions_as_of is 'The transactions of an account (NULL: of every account) as they were known at an instant.';
