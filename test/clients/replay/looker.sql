Other tools that speak to PostgreSQL: Looker, Qlik, Devart, AWS QuickSight, Tableau Prep.

-- name: tables by information_schema
-- wants: "table_name":"accounts"
select table_catalog, table_schema, table_name, table_type from information_schema.tables where table_schema in ('mart')
-- name: column count
select count(*) from information_schema.columns where table_schema = 'mart'
-- name: views
-- wants: "is_updatable":"NO"
select table_name, is_updatable, view_definition from information_schema.views where table_schema = 'mart'
-- name: keys by usage
-- wants: "constraint_type":"FOREIGN KEY"
select tc.constraint_type, tc.table_name, kcu.column_name, ccu.table_name as foreign_table_name, ccu.column_name as foreign_column_name from information_schema.table_constraints as tc join information_schema.key_column_usage as kcu on tc.constraint_name = kcu.constraint_name and tc.table_schema = kcu.table_schema join information_schema.constraint_column_usage as ccu on ccu.constraint_name = tc.constraint_name and ccu.table_schema = tc.table_schema where tc.table_schema = 'fdx'
-- name: regclass in the select list
-- wants: "t":"fdx.holdings"
select conrelid::regclass as t, confrelid::regclass as r, pg_get_constraintdef(oid) from pg_constraint where contype = 'f' and connamespace = 'fdx'::regnamespace order by 1
-- name: primary key by pg_index
-- wants: "attname":"account_id","format_type":"text"
select a.attname, format_type(a.atttypid, a.atttypmod) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey) where i.indrelid = 'fdx.holdings'::regclass and i.indisprimary
-- name: row estimate
-- wants: "estimate":"?\d
select reltuples::bigint as estimate from pg_class where oid = 'fdx.holdings'::regclass
-- name: to_char
-- wants: "m":"2024-02","n":"1,234.50"
select to_char(date '2024-02-29', 'YYYY-MM') as m, to_char(1234.5, 'FM999,990.00') as n, to_date('29/02/2024', 'DD/MM/YYYY') as d, to_char(timestamp '2024-02-29 14:05:00', 'HH24:MI') as t
-- name: regular expressions
-- wants: "a":true,"b":true,"c":false,"d":true
select 'hello' ~ 'ell' as a, 'Hello' ~* '^h' as b, 'hello' ~ '^ell' as c, 'hello' !~ 'x' as d
-- name: arrays
-- wants: "u":"3","n":3
select array_upper(array[1, 2, 3], 1)::text as u, cardinality(array[1, 2, 3]) as n, array_to_string(array['a', 'b'], '-') as s, 2 = any('{1,2,3}'::int[]) as y
-- name: the session
-- wants: "current_user":"owner"
select current_user, session_user, user, current_database(), current_schema, pg_backend_pid() > 0 as pid
