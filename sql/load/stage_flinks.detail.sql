-- One page is one login with all its accounts (facts: Flinks native, response shape).
insert into record_item by name
select 'login' as family, 'flinks.logins' as table_name, provider, connection_id, coalesce(about->>'$.Login.Id', connection_id) as record_id,
  record_id as login_id,   false as broken, run_id, page_id, pull_id, fetched_at::timestamptz as fetched_at, 0 as position,
  json_merge_patch(about, '{"Login":{"Id":null}}') as doc
from page
where json_type(about, '$.Login') = 'OBJECT';

insert into record_item by name
with item as (
  select page_id, run_id, pull_id, provider, connection_id, fetched_at::timestamptz as fetched_at,
    coalesce(about->>'$.Login.Id', connection_id) as login_id, about->>'$.InstitutionName' as institution,
    unnest(list) as item, generate_subscripts(list, 1) as position
  from page
), read as (
  select *, json_transform(item, '{"Id":"VARCHAR","Type":"VARCHAR","Category":"VARCHAR","Currency":"VARCHAR","Balance":"JSON"}') as j from item
), balanced as (
  select *, flinks_kind(j.Type, j.Category) as kind, as_money(j.Balance->>'$.Current') as balance from read
)
select 'account' as family, 'flinks.accounts' as table_name, provider, connection_id, nullif(j.Id, '') as record_id,
  record_id as account_id,   false as broken, run_id, page_id, pull_id, fetched_at, position,
  case when json_type(item) = 'OBJECT' then json_merge_patch(item, json_object('LoginId', login_id, 'InstitutionName', institution)) else item end as doc,
  kind, fetched_at::date as day, balance,
  case when kind in ('loan', 'loc') then -abs(balance) else balance end as net_worth_balance,
  j.Currency as currency,
  case when json_type(item) is distinct from 'OBJECT' then 'ITEM_INVALID' when coalesce(j.Id, '') = '' then 'ID_MISSING' end as problem
from balanced;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/Accounts/' || position, case problem when 'ID_MISSING' then 'Id' else 'Accounts' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;

insert into transaction_item by name
with found as (
  select provider, connection_id, record_id as account_id, run_id, page_id, pull_id, fetched_at, unnest(items) as doc,
    'Accounts/' || position || '/Transactions' as place, generate_subscripts(items, 1) as position
  from (select * exclude (doc), json_extract(doc, '$.Transactions[*]') as items from record_item where family = 'account' and problem is null)
  union all
  select provider, connection_id, record_id, run_id, page_id, pull_id, fetched_at, json_extract(doc, '$.Transactions'), 'Accounts/' || position || '/Transactions', null
  from record_item
  where family = 'account' and problem is null and json_type(doc, '$.Transactions') not in ('ARRAY', 'NULL')
), read as (
  select *, md5(doc) as content_hash, hash(json_keys(doc)) as shape from found
)
select 'flinks.transactions' as table_name, provider, connection_id, account_id, coalesce(nullif(doc->>'Id', ''), 'content:' || content_hash) as transaction_id,
  run_id, page_id, pull_id, fetched_at, content_hash, shape, doc, place, position,
  case when json_type(doc) is distinct from 'OBJECT' then 'ITEM_INVALID' end as problem
from read;

insert into rejected
select provider, connection_id, page_id, table_name, concat_ws('/', page_id, place, position), 'Transactions', problem, left(doc::varchar, 200), fetched_at
from transaction_item where problem is not null;
