Grafana's PostgreSQL data source: its check, its editor, its macros as they reach the server.

-- name: check
-- wants: 1
select 1
-- name: version as a whole number
-- wants: 15
select current_setting('server_version_num')::int / 100 as version
-- name: TimescaleDB
select extversion from pg_extension where extname = 'timescaledb'
-- name: tables of the editor
-- wants: "accounts"
select case when quote_ident(table_schema) = any (select case when trim(s[i]) = '"$user"' then user else trim(s[i]) end from generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) as i, string_to_array(current_setting('search_path'), ',') s) then quote_ident(table_name) else quote_ident(table_schema) || '.' || quote_ident(table_name) end as "table"
from information_schema.tables
where quote_ident(table_schema) not in ('information_schema', 'pg_catalog', '_timescaledb_cache', '_timescaledb_catalog', '_timescaledb_internal', '_timescaledb_config', 'timescaledb_information', 'timescaledb_experimental')
order by case when quote_ident(table_schema) = any (select case when trim(s[i]) = '"$user"' then user else trim(s[i]) end from generate_series(array_lower(string_to_array(current_setting('search_path'), ','), 1), array_upper(string_to_array(current_setting('search_path'), ','), 1)) as i, string_to_array(current_setting('search_path'), ',') s) then 0 else 1 end, 1
-- name: columns of the editor
-- wants: "column":"balance","type":"numeric"
select quote_ident(column_name) as "column", data_type as "type" from information_schema.columns where case array_length(parse_ident('mart.accounts'), 1) when 2 then quote_ident(table_schema) = (parse_ident('mart.accounts'))[1] and quote_ident(table_name) = (parse_ident('mart.accounts'))[2] else quote_ident(table_name) = 'mart.accounts' end
-- name: $__timeFilter and $__timeGroup
-- wants: "time":
select floor(extract(epoch from posted_at) / 86400) * 86400 as "time", sum(amount) as "value" from mart.transactions where posted_at between '2000-01-01T00:00:00Z' and '2100-01-01T00:00:00Z' group by 1 order by 1
-- name: $__time
select posted_at as "time", amount as "value", account_id as metric from mart.transactions where posted_at between '2000-01-01T00:00:00Z' and '2100-01-01T00:00:00Z' order by 1 limit 100
-- name: $__unixEpochFilter
select count(*) from mart.transactions where extract(epoch from posted_at) >= 946684800 and extract(epoch from posted_at) <= 4102444800
-- name: date_bin
select date_bin('1 hour', posted_at, timestamptz '2000-01-01 00:00:00+00') as t, count(*) from mart.transactions group by 1 order by 1 limit 3
-- name: a variable
select distinct account_kind as __text, account_kind as __value from mart.accounts order by 1
-- name: tables as code completion asks
select table_name from information_schema.tables where table_schema = 'mart'
