create or replace view mart.account_changes as
with version as (
  select provider, connection_id, account_id, known_from, page_id, unnest([
    {'field': 'kind', 'value': kind}, {'field': 'account_type', 'value': account_type}, {'field': 'product_name', 'value': product_name},
    {'field': 'nickname', 'value': nickname}, {'field': 'description', 'value': description}, {'field': 'status', 'value': status}, {'field': 'currency', 'value': currency},
    {'field': 'account_number_display', 'value': account_number_display}, {'field': 'routing_transit_number', 'value': routing_transit_number},
    {'field': 'interest_rate', 'value': interest_rate}, {'field': 'credit_limit', 'value': credit_limit}, {'field': 'overdraft_limit', 'value': overdraft_limit},
    {'field': 'maturity_date', 'value': maturity_date}, {'field': 'balance_type', 'value': balance_type}, {'field': 'line_of_business', 'value': line_of_business}
  ], recursive := true)
  from history.account_versions
), change as (
  select *, lag(value) over in_time as before, row_number() over in_time as n from version
  window in_time as (partition by provider, connection_id, account_id, field order by known_from, page_id)
)
select provider, connection_id, account_id, known_from as changed_at, field, before, value as after, page_id
from change
where n > 1 and before is distinct from value;
comment on view mart.account_changes is 'What changed of an account, and when: its product, name, status, limits and rate; not its balance.';
comment on column mart.account_changes.provider is 'Provider the connection is with.';
comment on column mart.account_changes.connection_id is 'Connection the account came through.';
comment on column mart.account_changes.account_id is 'Account, as the provider identifies it.';
comment on column mart.account_changes.changed_at is 'When a page first said so.';
comment on column mart.account_changes.field is 'Column of history.account_versions that changed.';
comment on column mart.account_changes.before is 'What it was, as sent [pii: direct]';
comment on column mart.account_changes.after is 'What it became, as sent [pii: direct]';
comment on column mart.account_changes.page_id is 'Page that first said so.';
