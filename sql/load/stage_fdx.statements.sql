-- Statements of one account; the account may stand in the request's path alone.
insert into record_item by name
with item as (
  select page_id, run_id, pull_id, provider, connection_id, account_id as page_account_id, fetched_at::timestamptz as fetched_at,
    unnest(list) as doc, generate_subscripts(list, 1) as position
  from page
)
select 'statement' as family, 'fdx.statements' as table_name, provider, connection_id,
  coalesce(nullif(doc->>'accountId', ''), page_account_id) as account_id, nullif(doc->>'statementId', '') as statement_id,
  concat_ws('/', coalesce(nullif(doc->>'accountId', ''), page_account_id), nullif(doc->>'statementId', '')) as record_id,
  false as broken, run_id, page_id, pull_id, fetched_at, position, doc,
  case when json_type(doc) is distinct from 'OBJECT' then 'ITEM_INVALID'
    when coalesce(nullif(doc->>'accountId', ''), page_account_id) is null or coalesce(doc->>'statementId', '') = '' then 'ID_MISSING' end as problem
from item;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/statements/' || position, case problem when 'ID_MISSING' then 'statementId' else 'statements' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
