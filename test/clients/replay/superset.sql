Queries of Superset's PostgreSQL dialect beside SQLAlchemy's own: what SQL Lab, charts and dashboards send.

-- name: test connection
-- wants: 1
select 1
-- name: version
-- wants: PostgreSQL 15
select pg_catalog.version()
-- name: isolation
show standard_conforming_strings
-- name: transaction isolation
-- wants: read committed
show transaction isolation level
-- name: hstore and range types
select t.oid, typarray from pg_type t join pg_namespace ns on typnamespace = ns.oid where typname = 'hstore'
-- name: tables of a schema
-- wants: "deposit_accounts"
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'fdx' and c.relkind in ('r', 'p')
-- name: views of a schema
-- wants: "net_worth_daily"
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'mart' and c.relkind in ('v', 'm')
-- name: table by name
-- wants: "oid":\d+
select c.oid from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where (n.nspname = 'fdx') and c.relname = 'holdings' and c.relkind in ('r', 'v', 'm', 'f', 'p')
-- name: a time-series chart
-- wants: "SUM\(amount\)"
select date_trunc('month', posted_at) as __timestamp, sum(amount) as "SUM(amount)" from mart.transactions where posted_at >= to_timestamp('2000-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') and posted_at < to_timestamp('2100-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') group by date_trunc('month', posted_at) order by "SUM(amount)" desc limit 10000
-- name: week ending Saturday
select date_trunc('week', posted_at + interval '1 day') + interval '-2 days' + interval '1 week' as __timestamp, count(*) as count from mart.transactions group by date_trunc('week', posted_at + interval '1 day') + interval '-2 days' + interval '1 week' order by count desc limit 5
-- name: dates as text
select date_trunc('day', posted_at) as d from mart.transactions where posted_at >= to_date('2000-01-01', 'YYYY-MM-DD') limit 1
-- name: a virtual data set
-- wants: "count"
select account_kind as account_kind, count(*) as count from (select * from mart.accounts where balance > 0) as virtual_table group by account_kind order by count desc limit 100
-- name: cost of a query
-- wants: QUERY PLAN
explain select count(*) from mart.accounts
-- name: a sample
select * from mart.transactions limit 100
-- name: filter values
select distinct account_kind as account_kind from mart.accounts order by account_kind asc limit 1000
-- name: functions for completion
select proname from pg_proc limit 10
