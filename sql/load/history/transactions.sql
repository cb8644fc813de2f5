-- What a transaction said before a newer reading said otherwise, and from when until when. Runs before the tables
-- are brought up to date: what they hold is the newest that was known.
insert into history.transaction_versions by name
with sighting as (
  select i.provider, i.connection_id, i.account_id, i.transaction_id, i.pull_id, i.page_id, i.fetched_at as seen_at, null::timestamptz as known_since,
    i.doc->>'status' as status, as_instant(i.doc->>'postedTimestamp') as posted_at, as_instant(i.doc->>'transactionTimestamp') as transacted_at,
    coalesce(as_date(i.doc->>'Date'), (coalesce(posted_at, transacted_at) at time zone 'UTC')::date) as day,
    case when i.table_name = 'flinks.transactions' then coalesce(as_money(i.doc->>'Credit'), 0) - coalesce(as_money(i.doc->>'Debit'), 0) else as_money(i.doc->>'amount') end as amount,
    i.doc->>'debitCreditMemo' as debit_credit_memo, coalesce(i.doc->>'description', i.doc->>'Description') as description
  from transaction_item as i
  semi join changed_id using (provider, connection_id, account_id, transaction_id)
  where i.problem is null
  union all by name
  select provider, connection_id, account_id, transaction_id, pull_id, page_id, last_seen_at as seen_at, first_seen_at as known_since,
    status, posted_at, transacted_at, (coalesce(posted_at, transacted_at) at time zone 'UTC')::date as day, amount, debit_credit_memo, description
  from fdx.transactions
  semi join changed_id using (provider, connection_id, account_id, transaction_id)
  union all by name
  select provider, connection_id, account_id, transaction_id, pull_id, page_id, last_seen_at as seen_at, first_seen_at as known_since,
    date as day, coalesce(credit, 0) - coalesce(debit, 0) as amount, description
  from flinks.transactions
  semi join changed_id using (provider, connection_id, account_id, transaction_id)
), told as (
  select *, hash(status, posted_at, transacted_at, day, amount, debit_credit_memo, description) as said from sighting
), pull as (
  select provider, connection_id, account_id, transaction_id, pull_id, max(seen_at) as pulled_at,
    row_number() over (partition by provider, connection_id, account_id, transaction_id order by max(seen_at), pull_id) as n
  from told
  group by provider, connection_id, account_id, transaction_id, pull_id
), placed as (
  select t.*, p.n, p.pulled_at, p.n - dense_rank() over (partition by t.provider, t.connection_id, t.account_id, t.transaction_id, t.said order by p.n) as run
  from told as t
  join pull as p using (provider, connection_id, account_id, transaction_id, pull_id)
), version as (
  select provider, connection_id, account_id, transaction_id, said, run, max(n) as last_n, min(pulled_at) as known_from, min(known_since) as known_since,
    any_value(status) as status, any_value(posted_at) as posted_at, any_value(transacted_at) as transacted_at, any_value(day) as day, any_value(amount) as amount,
    any_value(debit_credit_memo) as debit_credit_memo, any_value(description) as description, arg_max(page_id, (seen_at, page_id)) as page_id
  from placed
  group by all
), before as (
  select provider, connection_id, account_id, transaction_id, max(known_to) as known_to
  from history.transaction_versions
  semi join changed_id using (provider, connection_id, account_id, transaction_id)
  group by all
)
select v.provider, v.connection_id, v.account_id, v.transaction_id,
  case when v.known_since is null then v.known_from else coalesce(b.known_to, v.known_since) end as known_from, p.pulled_at as known_to,
  v.status, v.posted_at, v.transacted_at, v.day, v.amount, v.debit_credit_memo, v.description, v.page_id
from version as v
join pull as p
  on p.provider = v.provider and p.connection_id = v.connection_id and p.account_id = v.account_id and p.transaction_id = v.transaction_id and p.n = v.last_n + 1
left join before as b
  on b.provider = v.provider and b.connection_id = v.connection_id and b.account_id = v.account_id and b.transaction_id = v.transaction_id;
