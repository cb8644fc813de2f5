-- One page is one login with all its accounts (facts: Flinks native, response shape).
create or replace temp table opened as
select page_id, run_id, pull_id, provider, connection_id, fetched_at::timestamptz as fetched_at,
  coalesce(about->>'$.Login.Id', connection_id) as login_id, about->>'$.InstitutionName' as institution, unnest(list) as item, generate_subscripts(list, 1) as position
from page;

insert into record_item by name
select 'login' as family, 'flinks.logins' as table_name, provider, connection_id, coalesce(about->>'$.Login.Id', connection_id) as record_id,
  false as broken, run_id, page_id, pull_id, fetched_at::timestamptz as fetched_at, 0 as position,
  json_merge_patch(about, '{"Login":{"Id":null}}') as doc
from page
where json_type(about, '$.Login') = 'OBJECT';

insert into record_item by name
select 'account' as family, 'flinks.accounts' as table_name, provider, connection_id, nullif(item->>'Id', '') as record_id,
  false as broken, run_id, page_id, pull_id, fetched_at, position,
  json_merge_patch(item, json_object('LoginId', login_id, 'InstitutionName', institution)) as doc,
  item->'Transactions' as transactions,
  flinks_kind(item->>'Type', item->>'Category') as kind,
  fetched_at::date as day,
  as_money(item->>'$.Balance.Current') as balance,
  case when flinks_kind(item->>'Type', item->>'Category') in ('loan', 'loc') then -abs(as_money(item->>'$.Balance.Current')) else as_money(item->>'$.Balance.Current') end as net_worth_balance,
  item->>'Currency' as currency
from opened
where json_type(item) = 'OBJECT';

insert into rejected
select provider, connection_id, page_id, 'flinks.accounts', page_id || '/Accounts/' || position, 'Accounts', 'ITEM_INVALID', left(item::varchar, 200), fetched_at
from opened where json_type(item) is distinct from 'OBJECT';
insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/Accounts/' || position, 'Id', 'ID_MISSING', null, fetched_at
from record_item where record_id is null;
insert into rejected
select provider, connection_id, page_id, table_name, concat_ws('/', record_id, 'Transactions'), 'Transactions', 'NOT_A_LIST', left(transactions::varchar, 200), fetched_at
from record_item where json_type(transactions) not in ('ARRAY', 'OBJECT', 'NULL');
delete from record_item where record_id is null;

create or replace temp table found as
select provider, connection_id, record_id as account_id, run_id, page_id, pull_id, fetched_at, unnest(as_list(transactions)) as doc,
  page_id || '/Accounts/' || position || '/Transactions/' || generate_subscripts(as_list(transactions), 1) as place
from record_item
where family = 'account' and json_type(transactions) in ('ARRAY', 'OBJECT');

insert into transaction_item by name
select 'flinks.transactions' as table_name, provider, connection_id, account_id,
  coalesce(nullif(doc->>'Id', ''), 'content:' || md5(doc::varchar)) as transaction_id,
  run_id, page_id, pull_id, fetched_at, md5(doc::varchar) as content_hash, doc
from found
where json_type(doc) = 'OBJECT';

insert into rejected
select provider, connection_id, page_id, 'flinks.transactions', place, 'Transactions', 'ITEM_INVALID', left(doc::varchar, 200), fetched_at
from found where json_type(doc) is distinct from 'OBJECT';
