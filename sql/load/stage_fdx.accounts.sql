-- Opens the envelopes of accounts: `{"depositAccount": {…}}` (4, 5), flat with `accountCategory` (6), or
-- flat without it; a mixture may be in one page (facts: envelopes, quirks).
create or replace temp table opened as
with item as (
  select page_id, run_id, pull_id, provider, connection_id, account_id as page_account_id, fetched_at::timestamptz as fetched_at,
    unnest(list) as item, generate_subscripts(list, 1) as position
  from page
), keyed as (
  select *, case when json_type(item) = 'OBJECT' then json_keys(item) end as names from item
), wrapped as (
  select *,
    case
      when len(list_filter(names, k -> account_table_of_wrapper(k) is not null)) > 0
        then list_filter(names, k -> account_table_of_wrapper(k) is not null)
      when len(names) = 1 and json_type(item, pointer(names[1])) = 'OBJECT' then names
      else [null]
    end as wrappers
  from keyed
), single as (
  select * exclude (wrappers), unnest(wrappers) as wrapper from wrapped
)
select * exclude (names),
  case
    when wrapper is null then item
    when len(names) = 1 and account_table_of_wrapper(wrapper) is not null then json_extract(item, pointer(wrapper))
    when account_table_of_wrapper(wrapper) is null then json_merge_patch(json_object('wrapper', wrapper), json_extract(item, pointer(wrapper)))
    else json_merge_patch(json_merge_patch(item, as_object(list_transform(
      list_filter(names, k -> account_table_of_wrapper(k) is not null), k -> {'name': k, 'value': 'null'}))), json_extract(item, pointer(wrapper)))
  end as doc
from single;

insert into record_item by name
with read as (
  select *, json_transform(doc, '{"accountId":"VARCHAR","accountCategory":"VARCHAR","accountType":"VARCHAR","error":"JSON","transactions":"JSON",
    "currency":"JSON","balanceType":"VARCHAR","balanceAsOf":"VARCHAR","currentBalance":"VARCHAR","availableBalance":"VARCHAR","principalBalance":"VARCHAR",
    "currentValue":"VARCHAR","surrenderValue":"VARCHAR","netPresentValue":"VARCHAR","currentLedgerBalance":"VARCHAR","closingLedgerBalance":"VARCHAR"}') as j
  from opened
  where json_type(doc) = 'OBJECT'
), placed as (
  select *, coalesce(account_table_of_wrapper(wrapper), account_table_of_category(j.accountCategory), account_table_of_type(upper(j.accountType)), 'fdx.other_accounts') as table_name
  from read
), balanced as (
  select *, kind_of_account_table(table_name) as kind,
    as_money(main_balance(table_name, j)) as balance
  from placed
)
select
  'account' as family,
  table_name,
  provider, connection_id,
  coalesce(nullif(j.accountId, ''), page_account_id) as record_id,
  coalesce(json_type(j.error), 'NULL') <> 'NULL' as broken,
  run_id, page_id, pull_id, fetched_at, position,
  doc,
  nullif(j.transactions, 'null') as transactions,
  kind,
  coalesce(as_date(j.balanceAsOf), fetched_at::date) as day,
  balance,
  case when kind in ('loan', 'loc') or (kind in ('commercial', 'other') and (j.balanceType = 'LIABILITY' or j.accountType like 'COMMERCIALL%' or j.accountType = 'BNPL'))
    then -balance else balance end as net_worth_balance,
  coalesce(j.currency->>'$.currencyCode', case json_type(j.currency) when 'VARCHAR' then j.currency->>'$' end) as currency
from balanced;

insert into rejected
select provider, connection_id, page_id, 'fdx.accounts', page_id || '/accounts/' || position, 'accounts', 'ITEM_INVALID', left(item::varchar, 200), fetched_at
from opened where json_type(doc) is distinct from 'OBJECT';

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/accounts/' || position, 'accountId', 'ID_MISSING', null, fetched_at
from record_item where record_id is null;
insert into rejected
select provider, connection_id, page_id, table_name, concat_ws('/', record_id, 'transactions'), 'transactions', 'NOT_A_LIST', left(transactions::varchar, 200), fetched_at
from record_item where json_type(transactions) not in ('ARRAY', 'OBJECT');

-- Transactions inside an account are not wrapped, and are of the account's kind.
create or replace temp table found as
select transaction_table_of_account_table(table_name) as table_of_account, provider, connection_id, record_id as page_account_id,
  run_id, page_id, pull_id, fetched_at, unnest(as_list(transactions)) as item,
  page_id || '/accounts/' || position || '/transactions/' || generate_subscripts(as_list(transactions), 1) as place
from record_item
where transactions is not null;
delete from record_item where record_id is null;
