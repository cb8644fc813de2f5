-- Opens the envelopes of transactions, wrapped (4, 5) or flat (6, and inside accounts of every version). A flat
-- one that does not say its kind is of its account's kind, where the account is known.
create or replace temp table table_of_account as
select provider, connection_id, record_id, max(transaction_table_of_account_table(table_name)) as table_name
from known_records
where family = 'account' and (provider, connection_id) in (select distinct (provider, connection_id) from page)
group by all;

insert into transaction_item by name
with keyed as (
  select *, json_keys(item) as names from found
), wrapped as (
  select *, case when len(names) <= 4 then list_filter(names, k -> transaction_table_of_wrapper(k) is not null) end as known from keyed
), single as (
  select * exclude (known),
    unnest(case
      when len(known) = 1 then known
      when len(names) > 4 then [null]
      when len(known) > 1 then coalesce(nullif(list_filter(known, k -> json_type(item, pointer(k)) = 'OBJECT'), []), known[1:1])
      when len(names) = 1 and json_type(item, pointer(names[1])) = 'OBJECT' then names
      else [null]
    end) as wrapper
  from wrapped
), opened as (
  select * exclude (item),
    case
      when wrapper is null then item
      when transaction_table_of_wrapper(wrapper) is null then json_merge_patch(json_object('wrapper', wrapper), json_extract(item, pointer(wrapper)))
      when len(names) = 1 then json_extract(item, pointer(wrapper))
      else json_merge_patch(as_object(list_transform(
        list_filter(names, k -> transaction_table_of_wrapper(k) is null), k -> {'name': k, 'value': json_extract(item, pointer(k))::varchar})), json_extract(item, pointer(wrapper)))
    end as doc
  from single
), read as (
  select *, md5(doc) as content_hash, json_transform(doc, '{"accountId":"VARCHAR","transactionId":"VARCHAR","accountCategory":"VARCHAR"}') as j from opened
), owned as (
  select *, coalesce(nullif(j.accountId, ''), page_account_id) as account_id from read
)
select
  coalesce(transaction_table_of_wrapper(o.wrapper), transaction_table_of_category(o.j.accountCategory), o.table_of_account, a.table_name, 'fdx.other_transactions') as table_name,
  o.provider, o.connection_id, o.account_id, coalesce(nullif(o.j.transactionId, ''), 'content:' || o.content_hash) as transaction_id,
  o.run_id, o.page_id, o.pull_id, o.fetched_at, o.content_hash, hash(case when o.wrapper is null then o.names else json_keys(o.doc) end) as shape, o.doc, o.place, o.position,
  case when o.doc is null or not starts_with(o.doc, '{') then 'ITEM_INVALID' when o.account_id is null then 'ID_MISSING' end as problem
from owned as o
left join table_of_account as a on a.provider = o.provider and a.connection_id = o.connection_id and a.record_id = o.account_id;

insert into rejected
select provider, connection_id, page_id, 'fdx.transactions', concat_ws('/', page_id, place, position), case problem when 'ID_MISSING' then 'accountId' else 'transactions' end, problem,
  left(doc::varchar, 200), fetched_at
from transaction_item where problem is not null;
