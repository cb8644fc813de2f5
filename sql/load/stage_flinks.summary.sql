-- One page is one login with its accounts, without their transactions (facts: Flinks native 5).
insert into record_item by name
select 'login' as family, 'flinks.logins' as table_name, provider, connection_id, coalesce(about->>'$.Login.Id', connection_id) as record_id,
  record_id as login_id, false as broken, run_id, page_id, pull_id, fetched_at::timestamptz as fetched_at, 0 as position,
  json_merge_patch(about, '{"Login":{"Id":null}}') as doc
from page
where json_type(about, '$.Login') = 'OBJECT';

insert into record_item by name
with item as (
  select page_id, run_id, pull_id, provider, connection_id, fetched_at::timestamptz as fetched_at,
    coalesce(about->>'$.Login.Id', connection_id) as of_login, about->>'$.InstitutionName' as institution,
    unnest(list) as item, generate_subscripts(list, 1) as position
  from page
)
select 'summary' as family, 'flinks.account_summaries' as table_name, provider, connection_id, nullif(item->>'Id', '') as record_id,
  record_id as account_id, false as broken, run_id, page_id, pull_id, fetched_at, position,
  case when json_type(item) = 'OBJECT' then json_merge_patch(item, json_object('LoginId', of_login, 'InstitutionName', institution)) else item end as doc,
  case when json_type(item) is distinct from 'OBJECT' then 'ITEM_INVALID' when coalesce(item->>'Id', '') = '' then 'ID_MISSING' end as problem
from item;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/Accounts/' || position, case problem when 'ID_MISSING' then 'Id' else 'Accounts' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
