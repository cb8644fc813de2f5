What psycopg 3, asyncpg and pg8000 ask beside the queries themselves.

-- name: psycopg 3, a type by name
-- wants: "oid":3802|"oid":114
select typname as name, oid, typarray as array_oid, oid::regtype::text as regtype, typdelim as delimiter from pg_type t where t.oid = to_regtype('json') order by t.oid
-- name: psycopg 3, a composite
select t.typname as name, t.oid as oid, t.typarray as array_oid, t.oid::regtype::text as regtype, coalesce(a.fnames, '{}') as field_names, coalesce(a.ftypes, '{}') as field_types from pg_type t left join (select attrelid, array_agg(attname) as fnames, array_agg(atttypid) as ftypes from (select a.attrelid, a.attname, a.atttypid from pg_attribute a join pg_type t on t.typrelid = a.attrelid where t.oid = to_regtype('nothing_here') and a.attnum > 0 and not a.attisdropped order by a.attnum) x group by attrelid) a on a.attrelid = t.typrelid where t.oid = to_regtype('nothing_here')
-- name: psycopg 3, cursors
select 1 from pg_catalog.pg_cursors where name = 'stream'
-- name: asyncpg, types with what they are made of
-- wants: "kind":"b"
with recursive typeinfo_tree(oid, ns, name, kind, basetype, elemtype, elemdelim, range_subtype, attrtypoids, attrnames, depth) as (
  select ti.oid, ti.ns, ti.name, ti.kind, ti.basetype, ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, ti.attrnames, 0
  from (select t.oid as oid, ns.nspname as ns, t.typname as name, t.typtype as kind, (case when t.typtype = 'd' then t.typbasetype else null end) as basetype, t.typelem as elemtype, elem_t.typdelim as elemdelim, null::oid as range_subtype, null::oid[] as attrtypoids, null::text[] as attrnames
    from pg_catalog.pg_type as t inner join pg_catalog.pg_namespace ns on (ns.oid = t.typnamespace) left join pg_type elem_t on (t.typlen = -1 and t.typelem != 0 and t.typelem = elem_t.oid)) as ti
  where ti.oid = any('{1007,1009}'::oid[])
  union all
  select ti.oid, ti.ns, ti.name, ti.kind, ti.basetype, ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, ti.attrnames, tt.depth + 1
  from (select t.oid as oid, ns.nspname as ns, t.typname as name, t.typtype as kind, (case when t.typtype = 'd' then t.typbasetype else null end) as basetype, t.typelem as elemtype, ',' as elemdelim, null::oid as range_subtype, null::oid[] as attrtypoids, null::text[] as attrnames
    from pg_catalog.pg_type as t inner join pg_catalog.pg_namespace ns on (ns.oid = t.typnamespace)) ti, typeinfo_tree tt
  where (tt.elemtype is not null and ti.oid = tt.elemtype)
)
select distinct *, basetype::regtype::text as basetype_name, elemtype::regtype::text as elemtype_name from typeinfo_tree order by depth desc
-- name: asyncpg, reset of a pooled connection
select pg_advisory_unlock_all(); close all; unlisten *; reset all;
-- name: pandas, has_table
select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where pg_catalog.pg_table_is_visible(c.oid) and relname = 'accounts'
