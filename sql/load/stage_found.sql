-- Opens the envelopes of transactions, wrapped (4, 5) or flat (6, and inside accounts of every version).
create or replace temp table opened as
with keyed as (
  select *, case when json_type(item) = 'OBJECT' then json_keys(item) end as names from found
), wrapped as (
  select *,
    case
      when len(list_filter(names, k -> transaction_table_of_wrapper(k) is not null)) > 0
        then list_filter(names, k -> transaction_table_of_wrapper(k) is not null)
      when len(names) = 1 and json_type(item, pointer(names[1])) = 'OBJECT' then names
      else [null]
    end as wrappers
  from keyed
), single as (
  select * exclude (wrappers), unnest(wrappers) as wrapper from wrapped
)
select * exclude (names),
  case
    when wrapper is null then item
    when len(names) = 1 and transaction_table_of_wrapper(wrapper) is not null then json_extract(item, pointer(wrapper))
    when transaction_table_of_wrapper(wrapper) is null then json_merge_patch(json_object('wrapper', wrapper), json_extract(item, pointer(wrapper)))
    else json_merge_patch(json_merge_patch(item, as_object(list_transform(
      list_filter(names, k -> transaction_table_of_wrapper(k) is not null), k -> {'name': k, 'value': 'null'}))), json_extract(item, pointer(wrapper)))
  end as doc
from single;

create or replace temp table identified as
select * exclude (item, doc), doc, md5(doc::varchar) as content_hash,
  json_transform(doc, '{"accountId":"VARCHAR","transactionId":"VARCHAR","accountCategory":"VARCHAR"}') as j
from opened
where json_type(doc) = 'OBJECT';

-- A flat transaction that does not say its kind is of its account's kind, where the account is known.
create or replace temp table table_of_account as
select provider, connection_id, record_id, max(transaction_table_of_account_table(table_name)) as table_name
from known_records
where family = 'account'
  and exists (from identified where wrapper is null and table_of_account is null and transaction_table_of_category(j.accountCategory) is null)
group by all;

insert into transaction_item by name
select
  coalesce(transaction_table_of_wrapper(i.wrapper), transaction_table_of_category(i.j.accountCategory), i.table_of_account, a.table_name, 'fdx.other_transactions') as table_name,
  i.provider, i.connection_id,
  coalesce(nullif(i.j.accountId, ''), i.page_account_id) as account_id,
  coalesce(nullif(i.j.transactionId, ''), 'content:' || i.content_hash) as transaction_id,
  i.run_id, i.page_id, i.pull_id, i.fetched_at, i.content_hash, i.doc
from identified as i
left join table_of_account as a
  on a.provider = i.provider and a.connection_id = i.connection_id and a.record_id = coalesce(nullif(i.j.accountId, ''), i.page_account_id)
where coalesce(nullif(i.j.accountId, ''), i.page_account_id) is not null;

insert into rejected
select provider, connection_id, page_id, 'fdx.transactions', place, 'transactions', 'ITEM_INVALID', left(item::varchar, 200), fetched_at
from opened where json_type(doc) is distinct from 'OBJECT'
union all
select provider, connection_id, page_id, 'fdx.transactions', place, 'accountId', 'ID_MISSING', null, fetched_at
from identified where coalesce(nullif(j.accountId, ''), page_account_id) is null;
