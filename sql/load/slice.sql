-- The next pages of a batch, as many as fit the memory limit comfortably, and empty tables for what is in them.
set variable first_page = (select first_page from slices where slice = getvariable('slice'));
set variable last_page = (select last_page from slices where slice = getvariable('slice'));
create or replace temp view page as
from arrived where rowid between getvariable('first_page') and getvariable('last_page');

create or replace temp table record_item (
  family varchar, table_name varchar, provider varchar, connection_id varchar, record_id varchar,
  account_id varchar, customer_id varchar, login_id varchar, statement_id varchar, network_id varchar, broken boolean,
  run_id varchar, page_id varchar, pull_id varchar, fetched_at timestamptz, position bigint, doc json,
  kind varchar, day date, balance decimal(38, 9), net_worth_balance decimal(38, 9), currency varchar, problem varchar
);
create or replace temp table transaction_item (
  table_name varchar, provider varchar, connection_id varchar, account_id varchar, transaction_id varchar,
  run_id varchar, page_id varchar, pull_id varchar, fetched_at timestamptz, content_hash varchar, shape ubigint, doc json, place varchar, position bigint, problem varchar
);
create or replace temp table accepted (
  table_name varchar, provider varchar, connection_id varchar, account_id varchar, transaction_id varchar, transaction_ordinal integer,
  customer_id varchar, login_id varchar, statement_id varchar, network_id varchar, list varchar, parent_ordinal integer, ordinal integer, first_seen_at timestamptz,
  last_seen_at timestamptz, run_id varchar, page_id varchar, pull_id varchar, content_hash varchar, doc json
);
