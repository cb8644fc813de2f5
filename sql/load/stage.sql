-- Empty tables that one batch fills; none outlives it.
create or replace temp table arrived (
  segment varchar, page_id varchar, run_id varchar, pull_id varchar, provider varchar, connection_id varchar, entity varchar,
  account_id varchar, window_start varchar, window_end varchar, sequence varchar, last varchar, status varchar, interaction_id varchar,
  requested_at varchar, fetched_at varchar, bytes varchar, sha256 varchar, ms varchar, retries varchar, marks varchar[], about json, list json[]
);

create or replace temp table rejected (
  provider varchar, connection_id varchar, page_id varchar, table_name varchar, key varchar, field varchar, reason varchar, raw varchar, seen_at timestamptz
);
create or replace temp table drifted (
  provider varchar, table_name varchar, field varchar, value varchar, first_seen_at timestamptz, last_seen_at timestamptz, rows_seen bigint
);
