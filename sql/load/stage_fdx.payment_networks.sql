-- Payment networks have no id: network, bank and number together are one. What has none of them cannot be told apart.
insert into record_item by name
with item as (
  select page_id, run_id, pull_id, provider, connection_id, account_id, fetched_at::timestamptz as fetched_at,
    unnest(list) as doc, generate_subscripts(list, 1) as position
  from page
)
select 'network' as family, 'fdx.payment_networks' as table_name, provider, connection_id, account_id,
  md5(concat_ws(chr(10), doc->>'type', doc->>'bankId', doc->>'identifier')) as network_id, concat_ws('/', account_id, network_id) as record_id,
  false as broken, run_id, page_id, pull_id, fetched_at, position, doc,
  case when json_type(doc) is distinct from 'OBJECT' then 'ITEM_INVALID' when account_id is null or coalesce(doc->>'type', doc->>'bankId', doc->>'identifier') is null then 'ID_MISSING' end as problem
from item;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/paymentNetworks/' || position, case problem when 'ID_MISSING' then if(account_id is null, 'accountId', 'identifier') else 'paymentNetworks' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
