-- Decides which of the staged records and of those in the tables stand. Narrow columns only; the tables'
-- own files then type what was accepted.

-- Accounts, customers, logins: the newest page wins; one that holds an error never replaces one that does not, nor
-- does what is less by its nature: a description where accounts are asked for one by one, contact data inside an account.
create or replace temp table chosen_record as
with standing_record as (
  select k.*, list_contains(p.marks, 'descriptors') or (k.family = 'contact' and p.entity = 'fdx.accounts') as sparse
  from known_records as k
  semi join (from record_item where problem is null) as i using (family, provider, connection_id, record_id)
  left join ops.pages as p using (page_id)
), seen as (
  select family, table_name, provider, connection_id, record_id, broken, sparse, fetched_at as first_seen_at, fetched_at as last_seen_at, page_id, position, rowid as item
  from record_item
  where problem is null
  union all
  select family, table_name, provider, connection_id, record_id, broken, coalesce(sparse, false), first_seen_at, last_seen_at, page_id, 0, null
  from standing_record
)
select *, min(first_seen_at) over record as oldest, row_number() over (record order by broken, sparse, last_seen_at desc, page_id desc, position desc) as place
from seen
window record as (partition by family, provider, connection_id, record_id);

create or replace temp table replaced as
select family, table_name, provider, connection_id, record_id from chosen_record where item is null and place > 1;
create or replace temp table older as
select table_name, provider, connection_id, record_id, oldest as first_seen_at from chosen_record where item is null and place = 1 and oldest < first_seen_at;

insert into accepted by name
select r.table_name, r.provider, r.connection_id,
  r.account_id, r.customer_id, r.login_id, r.statement_id, r.network_id,
  c.oldest as first_seen_at, r.fetched_at as last_seen_at, r.run_id, r.page_id, r.pull_id, c.place = 1 as stands, r.doc
from chosen_record as c
join record_item as r on r.rowid = c.item;

-- Transactions: the newest reading that has an id says which rows the id has; equal content is one row.
create or replace temp view transaction_item as
select i.rowid as item, i.*, p.provider, p.connection_id, p.run_id, p.page_id, p.pull_id, p.fetched_at::timestamptz as fetched_at, to_json(i.j) as doc
from item as i join page as p using (n)
where i.problem is null;

create or replace temp table known as
with account as (
  select distinct provider, connection_id, account_id from transaction_item
), nearby as (
  select k.* from known_transactions as k semi join account using (provider, connection_id, account_id)
)
select n.* from nearby as n
semi join transaction_item as i using (provider, connection_id, account_id, transaction_id);

-- Most ids are one row that nothing is known of. The others (a hash that happens to be equal does no harm) are
-- decided one by one.
create or replace temp table contested as
select key
from (
  select key from item where problem is null
  union all
  select hash(provider, connection_id, account_id, transaction_id) from known
)
group by key having count(*) > 1;

create or replace temp table standing as
with seen as (
  select provider, connection_id, account_id, transaction_id, content_hash, table_name, pull_id, run_id, page_id, fetched_at as first_seen_at, fetched_at as last_seen_at, item
  from transaction_item
  where key in (from contested)
  union all
  select provider, connection_id, account_id, transaction_id, content_hash, table_name, pull_id, run_id, page_id, first_seen_at, last_seen_at, null
  from known
), aged as (
  select *,
    min(first_seen_at) over (partition by provider, connection_id, account_id, transaction_id) as oldest,
    first_value(pull_id) over (partition by provider, connection_id, account_id, transaction_id order by last_seen_at desc, page_id desc) as newest_pull
  from seen
), current_ as (
  select *, row_number() over (partition by provider, connection_id, account_id, transaction_id, content_hash order by last_seen_at desc, page_id desc, item) as copy
  from aged
  where pull_id = newest_pull
)
select * exclude (copy, newest_pull, first_seen_at, oldest), oldest as first_seen_at,
  row_number() over (partition by provider, connection_id, account_id, transaction_id order by content_hash) as ordinal
from current_
where copy = 1;

create or replace temp table touched as
select s.table_name, s.provider, s.connection_id, s.account_id, s.transaction_id, s.content_hash, s.ordinal, k.ordinal as ordinal_before,
  s.first_seen_at, s.last_seen_at, s.run_id, s.page_id, s.pull_id
from standing as s
join known as k using (table_name, provider, connection_id, account_id, transaction_id, content_hash)
where (s.ordinal, s.first_seen_at, s.last_seen_at, s.page_id, s.pull_id) is distinct from (k.ordinal, k.first_seen_at, k.last_seen_at, k.page_id, k.pull_id);

create or replace temp table dropped as
select k.table_name, k.provider, k.connection_id, k.account_id, k.transaction_id, k.content_hash, k.ordinal
from known as k
anti join standing as s using (table_name, provider, connection_id, account_id, transaction_id, content_hash);

-- What becomes of each contested item; any other stands, alone.
create or replace temp table fate as
select i.rowid as item, s.item is not null as stands, s.ordinal, s.first_seen_at
from item as i
left join (
  from standing as s
  anti join known as k using (table_name, provider, connection_id, account_id, transaction_id, content_hash)
) as s on s.item = i.rowid
where i.problem is null and i.key in (from contested);
