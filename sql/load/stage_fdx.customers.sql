-- Customers: in a list, or one by itself, wrapped once more as `customer` by some (facts: quirks).
insert into record_item by name
with item as (
  select page_id, run_id, pull_id, provider, connection_id, fetched_at::timestamptz as fetched_at,
    unnest(list) as item, generate_subscripts(list, 1) as position
  from page
), opened as (
  select * exclude (item), case when json_type(item, '/customer') = 'OBJECT' then item->'customer' else item end as doc from item
)
select 'customer' as family, 'fdx.customers' as table_name, provider, connection_id, nullif(doc->>'customerId', '') as record_id,
  record_id as customer_id,   false as broken, run_id, page_id, pull_id, fetched_at, position, doc,
  case when json_type(doc) is distinct from 'OBJECT' then 'ITEM_INVALID' when coalesce(doc->>'customerId', '') = '' then 'ID_MISSING' end as problem
from opened;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/customers/' || position, case problem when 'ID_MISSING' then 'customerId' else 'customers' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
