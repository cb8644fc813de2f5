create schema ops;
create schema history;
create schema mart;

create table ops.segments (
  name VARCHAR not null,
  entity VARCHAR not null,
  pages BIGINT not null,
  bytes BIGINT not null,
  loaded_at TIMESTAMPTZ not null
);
comment on table ops.segments is 'Segments that are loaded: written with their rows, in one transaction.';

create table ops.pages (
  page_id VARCHAR not null,
  segment VARCHAR not null,
  run_id VARCHAR,
  pull_id VARCHAR,
  provider VARCHAR,
  connection_id VARCHAR,
  entity VARCHAR,
  account_id VARCHAR,
  window_start DATE,
  window_end DATE,
  sequence BIGINT,
  last BOOLEAN,
  status INTEGER,
  interaction_id VARCHAR,
  requested_at TIMESTAMPTZ,
  fetched_at TIMESTAMPTZ,
  bytes BIGINT,
  sha256 VARCHAR,
  marks VARCHAR[]
);
comment on table ops.pages is 'One row for each page that was landed: its envelope.';

create table ops.rejects (
  provider VARCHAR,
  connection_id VARCHAR,
  page_id VARCHAR,
  table_name VARCHAR not null,
  key VARCHAR not null,
  field VARCHAR not null,
  reason VARCHAR not null,
  raw VARCHAR,
  first_seen_at TIMESTAMPTZ,
  last_seen_at TIMESTAMPTZ
);
comment on table ops.rejects is 'What could not be typed: the row, if there is one, has NULL there and the raw text in extra.';
comment on column ops.rejects.page_id is 'First page that had it.';
comment on column ops.rejects.key is 'Key of the row, or the place in the page where there is no row.';
comment on column ops.rejects.raw is 'Value as sent, cut to 200 characters [pii: direct]';

create table ops.drift (
  provider VARCHAR,
  table_name VARCHAR not null,
  field VARCHAR not null,
  value VARCHAR,
  first_seen_at TIMESTAMPTZ,
  last_seen_at TIMESTAMPTZ,
  rows_seen BIGINT not null
);
comment on table ops.drift is 'Members that no column is for, and values that the standard does not list.';
comment on column ops.drift.value is 'The unlisted value; NULL where the member itself is unknown.';
comment on column ops.drift.rows_seen is 'Rows typed with it, over all loads.';

create table ops.checks (
  name VARCHAR not null,
  failed_rows BIGINT not null,
  checked_at TIMESTAMPTZ not null
);
comment on table ops.checks is 'How the checks of sql/checks/ went after the last load.';

create table ops.views (
  name VARCHAR not null,
  sha256 VARCHAR not null
);
comment on table ops.views is 'Marts, by the text that made them.';

create table ops.connections (
  connection_id VARCHAR not null,
  provider VARCHAR not null,
  protocol VARCHAR not null,
  label VARCHAR,
  state VARCHAR not null,
  reason VARCHAR,
  scopes VARCHAR,
  consent_given_at TIMESTAMPTZ,
  consent_ends_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ,
  updated_at TIMESTAMPTZ,
  last_good_at TIMESTAMPTZ
);
comment on table ops.connections is 'Connections as they stood at the last load.';

create table ops.runs (
  run_id VARCHAR not null,
  pipeline VARCHAR,
  provider VARCHAR,
  status VARCHAR,
  started_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  message VARCHAR
);
comment on table ops.runs is 'Runs as they stood at the last load.';

create table ops.run_connections (
  run_id VARCHAR not null,
  connection_id VARCHAR not null,
  status VARCHAR,
  code VARCHAR,
  message VARCHAR,
  pages BIGINT,
  bytes BIGINT,
  requests BIGINT,
  retries BIGINT,
  started_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ
);
comment on table ops.run_connections is 'How each connection fared in each run.';

create table ops.run_issues (
  run_id VARCHAR not null,
  connection_id VARCHAR not null,
  stream VARCHAR not null,
  code VARCHAR not null,
  message VARCHAR,
  seen BIGINT
);
comment on table ops.run_issues is 'Parts of connections that could not be read.';

create table history.balances (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  day DATE not null,
  kind VARCHAR not null,
  balance DECIMAL(38,9) not null,
  net_worth_balance DECIMAL(38,9) not null,
  currency VARCHAR,
  fetched_at TIMESTAMPTZ not null,
  page_id VARCHAR not null
);
comment on table history.balances is 'The main balance of each account as it stood on a day: the newest one known of that day.';
comment on column history.balances.net_worth_balance is 'As the customer’s net worth sees it: what is owed is negative [pii: account]';
comment on column history.balances.balance is 'As the provider states it [pii: account]';
