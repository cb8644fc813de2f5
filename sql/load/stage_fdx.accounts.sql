-- Opens the envelopes of accounts: `{"depositAccount": {…}}` (4, 5), flat with `accountCategory` (6), or
-- flat without it; a mixture may be in one page (facts: envelopes, quirks).
insert into record_item by name
with item as (
  select page_id, run_id, pull_id, provider, connection_id, account_id as page_account_id, fetched_at::timestamptz as fetched_at,
    unnest(list) as item, generate_subscripts(list, 1) as position
  from page
), keyed as (
  select *, json_keys(item) as names from item
), wrapped as (
  select *, case when len(names) <= 4 then list_filter(names, k -> account_table_of_wrapper(k) is not null) end as known from keyed
), single as (
  select * exclude (known),
    unnest(case
      when len(known) = 1 then known
      when len(known) > 1 then coalesce(nullif(list_filter(known, k -> json_type(item, pointer(k)) = 'OBJECT'), []), known[1:1])
      when len(names) = 1 and json_type(item, pointer(names[1])) = 'OBJECT' then names
      else [null]
    end) as wrapper
  from wrapped
), opened as (
  select * exclude (item, names),
    case
      when wrapper is null then item
      when account_table_of_wrapper(wrapper) is null then json_merge_patch(json_object('wrapper', wrapper), json_extract(item, pointer(wrapper)))
      when len(names) = 1 then json_extract(item, pointer(wrapper))
      else json_merge_patch(as_object(list_transform(
        list_filter(names, k -> account_table_of_wrapper(k) is null), k -> {'name': k, 'value': json_extract(item, pointer(k))::varchar})), json_extract(item, pointer(wrapper)))
    end as doc
  from single
), read as (
  select *, json_transform(doc, '{"accountId":"VARCHAR","accountCategory":"VARCHAR","accountType":"VARCHAR","error":"JSON",
    "currency":"JSON","balanceType":"VARCHAR","balanceAsOf":"VARCHAR","currentBalance":"VARCHAR","availableBalance":"VARCHAR","principalBalance":"VARCHAR",
    "currentValue":"VARCHAR","surrenderValue":"VARCHAR","netPresentValue":"VARCHAR","currentLedgerBalance":"VARCHAR","closingLedgerBalance":"VARCHAR"}') as j
  from opened
), placed as (
  select *, coalesce(nullif(j.accountId, ''), page_account_id) as record_id,
    coalesce(account_table_of_wrapper(wrapper), account_table_of_category(j.accountCategory), account_table_of_type(upper(j.accountType)), 'fdx.other_accounts') as table_name
  from read
), balanced as (
  select *, kind_of_account_table(table_name) as kind, as_money(main_balance(table_name, j)) as balance from placed
)
select
  'account' as family, table_name, provider, connection_id, record_id, record_id as account_id,
  coalesce(json_type(j.error), 'NULL') <> 'NULL' as broken,
  run_id, page_id, pull_id, fetched_at, position, doc, kind,
  coalesce(as_date(j.balanceAsOf), fetched_at::date) as day,
  balance,
  case when kind in ('loan', 'loc') or (kind in ('commercial', 'other') and (j.balanceType = 'LIABILITY' or j.accountType like 'COMMERCIALL%' or j.accountType = 'BNPL'))
    then -balance else balance end as net_worth_balance,
  coalesce(j.currency->>'$.currencyCode', case json_type(j.currency) when 'VARCHAR' then j.currency->>'$' end) as currency,
  case when json_type(doc) is distinct from 'OBJECT' then 'ITEM_INVALID' when record_id is null then 'ID_MISSING' end as problem
from balanced;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/accounts/' || position, case problem when 'ID_MISSING' then 'accountId' else 'accounts' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;

-- Transactions inside an account are not wrapped, and are of the account's kind.
create or replace temp view found as
select transaction_table_of_account_table(table_name) as table_of_account, provider, connection_id, record_id as page_account_id,
  run_id, page_id, pull_id, fetched_at, unnest(items) as item, 'accounts/' || position || '/transactions' as place, generate_subscripts(items, 1) as position
from (select * exclude (doc), json_extract(doc, '$.transactions[*]') as items from record_item where problem is distinct from 'ITEM_INVALID')
union all
select transaction_table_of_account_table(table_name), provider, connection_id, record_id,
  run_id, page_id, pull_id, fetched_at, json_extract(doc, '$.transactions'), 'accounts/' || position || '/transactions', null
from record_item
where problem is null and json_type(doc, '$.transactions') not in ('ARRAY', 'NULL');
