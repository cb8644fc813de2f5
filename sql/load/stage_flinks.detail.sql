-- One page is one login with all its accounts (facts: Flinks native, response shape).
insert into record_item by name
select 'login' as family, 'flinks.logins' as table_name, provider, connection_id, coalesce(about->>'$.Login.Id', connection_id) as record_id,
  record_id as login_id,   false as broken, run_id, page_id, pull_id, fetched_at::timestamptz as fetched_at, 0 as position,
  json_merge_patch(about, '{"Login":{"Id":null}}') as doc
from page
where json_type(about, '$.Login') = 'OBJECT';

insert into record_item by name
with item as (
  select n, page_id, run_id, pull_id, provider, connection_id, fetched_at::timestamptz as fetched_at,
    coalesce(about->>'$.Login.Id', connection_id) as login_id, about->>'$.InstitutionName' as institution,
    unnest(list) as item, generate_subscripts(list, 1) as position
  from page
), read as (
  select *, json_transform(item, '{"Id":"VARCHAR","Type":"VARCHAR","Category":"VARCHAR","Currency":"VARCHAR","Balance":"JSON"}') as j from item
), balanced as (
  select *, flinks.account_kind(j.Type, j.Category) as kind, as_money(j.Balance->>'$.Current') as balance, as_money(j.Balance->>'$.Available') as available, as_money(j.Balance->>'$.Limit') as credit_limit from read
)
select 'account' as family, 'flinks.accounts' as table_name, provider, connection_id, nullif(j.Id, '') as record_id,
  record_id as account_id, false as broken, run_id, page_id, pull_id, fetched_at, n, position,
  case when json_type(item) = 'OBJECT' then json_merge_patch(item, json_object('LoginId', login_id, 'InstitutionName', institution)) else item end as doc,
  kind, fetched_at::date as day, balance,
  flinks.net_worth(kind, balance, available, credit_limit) as net_worth_balance,
  j.Currency as currency,
  case when json_type(item) is distinct from 'OBJECT' then 'ITEM_INVALID' when coalesce(j.Id, '') = '' then 'ID_MISSING' end as problem
from balanced;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/Accounts/' || position, case problem when 'ID_MISSING' then 'Id' else 'Accounts' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
