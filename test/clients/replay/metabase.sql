Queries of Metabase's PostgreSQL driver, written from what its sync is documented to ask: schemas, tables with row estimates and
privileges, fields with types and comments, foreign keys, then fingerprints and the SQL of the query builder.

-- name: version and time zone
-- wants: 15\.
show server_version
-- name: current time zone
-- wants: UTC
select current_setting('TimeZone') as timezone
-- name: set the report time zone
set session timezone to 'America/Toronto'
-- name: schemas
-- wants: "mart"
select nspname as "table_schem" from pg_catalog.pg_namespace where nspname <> 'pg_toast' and (nspname !~ '^pg_temp_' or nspname = (pg_catalog.current_schemas(true))[1]) and (nspname !~ '^pg_toast_temp_' or nspname = replace((pg_catalog.current_schemas(true))[1], 'pg_temp_', 'pg_toast_temp_')) order by "table_schem"
-- name: privileges
-- wants: "select":true
with table_privileges as (
  select null as role, t.schemaname as schema, t.objectname as table,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'update') as update,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'select') as select,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'insert') as insert,
    pg_catalog.has_table_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'delete') as delete
  from (
    select schemaname, tablename as objectname from pg_catalog.pg_tables
    union select schemaname, viewname as objectname from pg_catalog.pg_views
    union select schemaname, matviewname as objectname from pg_catalog.pg_matviews
  ) t
  where t.schemaname !~ '^pg_' and t.schemaname <> 'information_schema' and pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage')
)
select t.* from table_privileges t
-- name: tables with row estimates
-- wants: "name":"deposit_accounts","type":"TABLE","description":"Checking
-- wants: "estimated_row_count":"?\d
select n.nspname as schema, c.relname as name,
  case c.relkind when 'r' then 'TABLE' when 'p' then 'PARTITIONED TABLE' when 'v' then 'VIEW' when 'f' then 'FOREIGN TABLE' when 'm' then 'MATERIALIZED VIEW' else null end as type,
  d.description as description, nullif(stat.n_live_tup, 0) as estimated_row_count
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_description as d on c.oid = d.objoid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
left join pg_stat_user_tables as stat on n.nspname = stat.schemaname and c.relname = stat.relname
where c.relnamespace = n.oid and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'f', 'm') and n.nspname in ('fdx', 'mart')
order by type asc, schema asc, name asc
-- name: fields
-- wants: "name":"account_id","database-type":"text","table-schema":"fdx","table-name":"deposit_accounts","pk\?":true
-- wants: "database-type":"numeric"
select c.column_name as name,
  case when c.udt_schema in ('public', 'pg_catalog') then format('%s', c.udt_name) else format('"%s"."%s"', c.udt_schema, c.udt_name) end as "database-type",
  c.table_schema as "table-schema", c.table_name as "table-name", pk.column_name is not null as "pk?",
  col_description(cast(cast(format('%I.%I', cast(c.table_schema as text), cast(c.table_name as text)) as regclass) as oid), c.ordinal_position) as "field-comment",
  ((column_default is null) or (lower(column_default) = 'null')) and (is_nullable = 'NO') and not (((column_default is not null) and (column_default like '%nextval(%')) or (is_identity <> 'NO')) as "database-required",
  ((column_default is not null) and (column_default like '%nextval(%')) or (is_identity <> 'NO') as "database-is-auto-increment",
  c.ordinal_position - 1 as "database-position"
from information_schema.columns as c
left join (
  select tc.table_schema, tc.table_name, kc.column_name
  from information_schema.table_constraints as tc
  inner join information_schema.key_column_usage as kc on tc.constraint_name = kc.constraint_name and tc.table_schema = kc.table_schema and tc.table_name = kc.table_name
  where tc.constraint_type = 'PRIMARY KEY'
) as pk on c.table_schema = pk.table_schema and c.table_name = pk.table_name and c.column_name = pk.column_name
where c.table_schema !~ '^information_schema|catalog_history|pg_' and c.table_schema in ('fdx') and c.table_name in ('deposit_accounts')
union all
select pa.attname as name, case when ptn.nspname in ('public', 'pg_catalog') then format('%s', pt.typname) else format('"%s"."%s"', ptn.nspname, pt.typname) end as "database-type",
  pn.nspname as "table-schema", pc.relname as "table-name", false as "pk?", null as "field-comment", false as "database-required", false as "database-is-auto-increment", pa.attnum - 1 as "database-position"
from pg_catalog.pg_class as pc
inner join pg_catalog.pg_namespace as pn on pn.oid = pc.relnamespace
inner join pg_catalog.pg_attribute as pa on pa.attrelid = pc.oid
inner join pg_catalog.pg_type as pt on pt.oid = pa.atttypid
inner join pg_catalog.pg_namespace as ptn on ptn.oid = pt.typnamespace
where pc.relkind = 'm' and pa.attnum >= 1
order by "table-schema" asc, "table-name" asc, "database-position" asc
-- name: foreign keys
-- wants: "fk-table-name":"deposit_transactions","fk-column-name":"account_id","pk-table-schema":"fdx","pk-table-name":"deposit_accounts","pk-column-name":"account_id"
select fk_ns.nspname as "fk-table-schema", fk_table.relname as "fk-table-name", fk_column.attname as "fk-column-name",
  pk_ns.nspname as "pk-table-schema", pk_table.relname as "pk-table-name", pk_column.attname as "pk-column-name"
from pg_constraint as c
inner join pg_class as fk_table on c.conrelid = fk_table.oid
inner join pg_namespace as fk_ns on c.connamespace = fk_ns.oid
inner join pg_attribute as fk_column on c.conrelid = fk_column.attrelid
inner join pg_class as pk_table on c.confrelid = pk_table.oid
inner join pg_namespace as pk_ns on pk_table.relnamespace = pk_ns.oid
inner join pg_attribute as pk_column on c.confrelid = pk_column.attrelid
where fk_ns.nspname !~ '^information_schema|catalog_history|pg_' and c.contype = 'f' and fk_column.attnum = any(c.conkey) and pk_column.attnum = any(c.confkey) and fk_column.attname = pk_column.attname and fk_ns.nspname in ('fdx')
order by "fk-table-schema" asc, "fk-table-name" asc
-- name: indexes
-- wants: "table-name":"deposit_accounts","field-name":"provider"
select tmp."table-schema", tmp."table-name", trim(both '"' from pg_catalog.pg_get_indexdef(tmp.ci_oid, tmp.pos, false)) as "field-name"
from (
  select n.nspname as "table-schema", ct.relname as "table-name", ci.oid as ci_oid, (information_schema._pg_expandarray(i.indkey)).n as pos
  from pg_catalog.pg_class as ct
  inner join pg_catalog.pg_namespace as n on ct.relnamespace = n.oid
  inner join pg_catalog.pg_index as i on ct.oid = i.indrelid
  inner join pg_catalog.pg_class as ci on ci.oid = i.indexrelid
  where pg_catalog.pg_get_expr(i.indpred, i.indrelid) is null and n.nspname !~ '^information_schema|catalog_history|pg_'
) as tmp
where tmp.pos = 1
-- name: enums
select nspname, typname from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.oid in (select distinct enumtypid from pg_enum e)
-- name: fingerprint sample
-- wants: "account_kind"
select "mart"."accounts"."account_kind" as "account_kind", substring("mart"."accounts"."name", 1, 1234) as "substring1" from "mart"."accounts" limit 10000
-- name: count
-- wants: "count"
select count(*) as "count" from "mart"."transactions"
-- name: by month
-- wants: T\d\d:00:00
select date_trunc('month', "mart"."transactions"."posted_at") as "posted_at", count(*) as "count", sum("mart"."transactions"."amount") as "sum" from "mart"."transactions" group by date_trunc('month', "mart"."transactions"."posted_at") order by date_trunc('month', "mart"."transactions"."posted_at") asc
-- name: by week from Sunday
select (cast(date_trunc('week', (cast("mart"."transactions"."posted_at" as timestamp) + interval '1 day')) as timestamp) + interval '-1 day') as "posted_at", count(*) as "count" from "mart"."transactions" group by (cast(date_trunc('week', (cast("mart"."transactions"."posted_at" as timestamp) + interval '1 day')) as timestamp) + interval '-1 day') order by 1 asc
-- name: by day of week
select (cast(extract(dow from "mart"."transactions"."posted_at") as integer) + 1) as "posted_at", count(*) as "count" from "mart"."transactions" group by (cast(extract(dow from "mart"."transactions"."posted_at") as integer) + 1) order by 1
-- name: in a time zone
select date_trunc('day', "mart"."transactions"."posted_at" at time zone 'America/Toronto') as d, count(*) from "mart"."transactions" group by 1 order by 1 limit 3
-- name: binning
select (floor((("mart"."accounts"."balance" - 0.0) / 100000.0)) * 100000.0) + 0.0 as "balance", count(*) as "count" from "mart"."accounts" group by (floor((("mart"."accounts"."balance" - 0.0) / 100000.0)) * 100000.0) + 0.0 order by 1 asc
-- name: median and percentile
-- wants: "median":
select percentile_cont(0.5) within group (order by "mart"."accounts"."balance") as "median", percentile_cont(0.9) within group (order by "mart"."accounts"."balance") as "percentile", stddev_pop("mart"."accounts"."balance") as "sd", var_pop("mart"."accounts"."balance") as v from "mart"."accounts"
-- name: filters
select "mart"."accounts"."account_id" as "account_id" from "mart"."accounts" where (lower("mart"."accounts"."name") like '%ch%') and ("mart"."accounts"."balance" between 1 and 100000) and ("mart"."accounts"."account_kind" <> 'loan' or "mart"."accounts"."account_kind" is null) and "mart"."accounts"."last_seen_at" >= date_trunc('day', (now() + interval '-30 day')) limit 2000
-- name: text functions
-- wants: "m":"2"
select substring('a-2' from '[0-9]+') as m, regexp_replace('abc', 'b', 'x') as r, concat('a', 'b') as c, coalesce(null, 'z') as z, length('abc') as l
-- name: JSON unfolding
-- wants: "id":"7"
select (cast('{"a": {"id": 7}}' as json) #>> array['a', 'id']::text[]) as id
-- name: reset
reset timezone
