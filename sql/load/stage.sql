-- Empty tables that one batch fills; none outlives it.
create or replace temp table page (
  n integer, segment varchar, page_id varchar, run_id varchar, pull_id varchar, provider varchar, connection_id varchar, entity varchar,
  account_id varchar, window_start varchar, window_end varchar, sequence varchar, last varchar, status varchar, interaction_id varchar,
  requested_at varchar, fetched_at varchar, bytes varchar, sha256 varchar, ms varchar, retries varchar, marks varchar[], about json, list json[]
);
-- Accounts, customers, logins …: `doc` is the record, without transactions.
create or replace temp table record_item (
  family varchar, table_name varchar, provider varchar, connection_id varchar, record_id varchar,
  account_id varchar, customer_id varchar, login_id varchar, statement_id varchar, network_id varchar, broken boolean, sparse boolean default false,
  run_id varchar, page_id varchar, pull_id varchar, fetched_at timestamptz, n integer, position bigint, doc json,
  kind varchar, day date, balance decimal(38, 9), net_worth_balance decimal(38, 9), currency varchar, problem varchar
);
-- Transactions: `n` is the page, `j` a structure of the members that the batch has, `key` a hash of what tells them apart.
create or replace temp table item (
  table_name varchar, n integer, account_id varchar, transaction_id varchar, content_hash varchar, key ubigint, j struct("@invalid" varchar),
  nth_account integer, position bigint, problem varchar
);
-- Records and the members of their lists, on their way to a table; `stands` says which become rows.
create or replace temp table accepted (
  table_name varchar, provider varchar, connection_id varchar, account_id varchar, transaction_id varchar, transaction_ordinal integer,
  customer_id varchar, login_id varchar, statement_id varchar, network_id varchar, list varchar, parent_ordinal integer, ordinal integer, first_seen_at timestamptz,
  last_seen_at timestamptz, run_id varchar, page_id varchar, pull_id varchar, content_hash varchar, stands boolean, doc json
);
create or replace temp table rejected (
  provider varchar, connection_id varchar, page_id varchar, table_name varchar, key varchar, field varchar, reason varchar, raw varchar, seen_at timestamptz
);
create or replace temp table drifted (
  provider varchar, table_name varchar, field varchar, value varchar, first_seen_at timestamptz, last_seen_at timestamptz, rows_seen bigint
);
