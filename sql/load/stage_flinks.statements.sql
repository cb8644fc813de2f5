-- Statements stand below the number of their account. Of a file only size and hash are kept as a row; its bytes
-- stay in the page (facts: Flinks native, statements).
insert into record_item by name
select 'login' as family, 'flinks.logins' as table_name, provider, connection_id, coalesce(about->>'$.Login.Id', connection_id) as record_id,
  record_id as login_id, false as broken, run_id, page_id, pull_id, fetched_at::timestamptz as fetched_at, 0 as position,
  json_merge_patch(about, '{"Login":{"Id":null}}') as doc
from page
where json_type(about, '$.Login') = 'OBJECT';

insert into record_item by name
with account as (
  select page_id, run_id, pull_id, provider, connection_id, fetched_at::timestamptz as fetched_at,
    coalesce(about->>'$.Login.Id', connection_id) as of_login, unnest(list) as account
  from page
), item as (
  select * exclude (account), account->>'AccountNumber' as number, unnest(json_extract(account, '$.Statements[*]')) as item from account
), read as (
  select *, try(from_base64(item->>'Base64Bytes')) as file, row_number() over (partition by page_id) as position from item
)
select 'statement' as family, 'flinks.statements' as table_name, provider, connection_id,
  coalesce(nullif(item->>'UniqueId', ''), 'content:' || md5(item)) as record_id, record_id as statement_id,
  false as broken, run_id, page_id, pull_id, fetched_at, position,
  case when json_type(item) = 'OBJECT' then json_merge_patch(item, json_object(
    'Base64Bytes', null, 'AccountNumber', number, 'LoginId', of_login, 'Size', octet_length(file), 'Sha256', sha256(file))) else item end as doc,
  case when json_type(item) is distinct from 'OBJECT' then 'ITEM_INVALID' end as problem
from read;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/Statements/' || position, case problem when 'ID_MISSING' then 'UniqueId' else 'Statements' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
