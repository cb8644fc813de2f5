-- Customers: in a list, or one by itself, wrapped once more as `customer` by some (facts: quirks).
create or replace temp table opened as
select page_id, run_id, pull_id, provider, connection_id, fetched_at::timestamptz as fetched_at, item, position,
  case when json_type(item, '/customer') = 'OBJECT' then item->'customer' else item end as doc
from (select *, unnest(list) as item, generate_subscripts(list, 1) as position from page);

insert into record_item by name
select 'customer' as family, 'fdx.customers' as table_name, provider, connection_id, nullif(doc->>'customerId', '') as record_id,
  false as broken, run_id, page_id, pull_id, fetched_at, position, doc
from opened
where json_type(doc) = 'OBJECT';

insert into rejected
select provider, connection_id, page_id, 'fdx.customers', page_id || '/customers/' || position, 'customers', 'ITEM_INVALID', left(item::varchar, 200), fetched_at
from opened where json_type(doc) is distinct from 'OBJECT';
insert into rejected
select provider, connection_id, page_id, 'fdx.customers', page_id || '/customers/' || position, 'customerId', 'ID_MISSING', null, fetched_at
from record_item where record_id is null;
delete from record_item where record_id is null;
