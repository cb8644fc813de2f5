-- Opens the envelopes of accounts: `{"depositAccount": {…}}` (4, 5), flat with `accountCategory` (6), or
-- flat without it; a mixture may be in one page (facts: envelopes, quirks). What stands beside a wrapper is in it by now.
insert into record_item by name
with item as (
  select n, page_id, run_id, pull_id, provider, connection_id, account_id as page_account_id, fetched_at::timestamptz as fetched_at,
    list_contains(marks, 'descriptors') as is_sparse,
    unnest(list) as item, generate_subscripts(list, 1) as position
  from page
), keyed as (
  select *, json_keys(item) as names from item
), wrapped as (
  select *, case when len(names) = 1 and json_type(item, pointer(names[1])) = 'OBJECT' then names[1] end as wrapper from keyed
), opened as (
  select * exclude (item, names),
    case
      when wrapper is null then item
      when account_table_of_wrapper(wrapper) is null then json_merge_patch(json_object('wrapper', wrapper), json_extract(item, pointer(wrapper)))
      else json_extract(item, pointer(wrapper))
    end as doc
  from wrapped
), read as (
  select *, json_transform(doc, '{"accountId":"VARCHAR","accountCategory":"VARCHAR","accountType":"VARCHAR","error":"JSON",
    "currency":"JSON","balanceType":"VARCHAR","balanceAsOf":"VARCHAR","currentBalance":"VARCHAR","availableBalance":"VARCHAR","principalBalance":"VARCHAR",
    "currentValue":"VARCHAR","surrenderValue":"VARCHAR","netPresentValue":"VARCHAR","currentLedgerBalance":"VARCHAR","closingLedgerBalance":"VARCHAR"}') as j
  from opened
), placed as (
  select *, coalesce(nullif(j.accountId, ''), page_account_id) as record_id,
    coalesce(account_table_of_wrapper(wrapper), account_table_of_category(upper(j.accountCategory)), account_table_of_type(upper(j.accountType)), 'fdx.other_accounts') as table_name
  from read
), balanced as (
  select *, kind_of_account_table(table_name) as kind, as_money(main_balance(table_name, j)) as balance from placed
)
select
  'account' as family, table_name, provider, connection_id, record_id, record_id as account_id,
  coalesce(j.error->>'$.code', j.error->>'$.message', j.error->>'$.debugMessage') is not null as broken, is_sparse as sparse,
  run_id, page_id, pull_id, fetched_at, n, position, doc, kind,
  coalesce(as_date(j.balanceAsOf), fetched_at::date) as day,
  balance,
  case when fdx.is_owed(kind, j.accountCategory, j.accountType, j.balanceType) then -balance else balance end as net_worth_balance,
  coalesce(j.currency->>'$.currencyCode', case json_type(j.currency) when 'VARCHAR' then j.currency->>'$' end) as currency,
  case when json_type(doc) is distinct from 'OBJECT' then 'ITEM_INVALID' when record_id is null then 'ID_MISSING' end as problem
from balanced;

-- Contact data inside an account is what the account's own page of it would say (deprecated in 6.3.1).
insert into record_item by name
select 'contact' as family, 'fdx.account_contacts' as table_name, provider, connection_id, record_id, account_id, false as broken, true as sparse,
  run_id, page_id, pull_id, fetched_at, position, json_extract(doc, '$.contact') as doc
from record_item
where problem is null and len(json_keys(doc, '$.contact')) > 0;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/accounts/' || position, case problem when 'ID_MISSING' then 'accountId' else 'accounts' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
