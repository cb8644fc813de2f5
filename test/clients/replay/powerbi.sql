Power BI and Excel by Npgsql: the loading of types in one simple query, then the catalogue as Power Query navigates it, then folded queries.

-- name: type loading, current form
-- wants: "typname":"int4"
-- wants: "typname":"numeric"
-- wants: "typname":"_text"
-- wants: PostgreSQL 15
select version();

select ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
from (
  select typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind, elemtyp.oid as elemtypoid, elemtyp.typname as elemtypname,
    elemcls.relkind as elemrelkind,
    case when elemproc.proname = 'array_recv' then 'a' else elemtyp.typtype end as elemtyptype
  from (
    select typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem as elemoid,
      case when proc.proname = 'array_recv' then 'a' else typ.typtype end as typtype,
      case when proc.proname = 'array_recv' then typ.typelem when typ.typtype = 'r' then rngsubtype
        when typ.typtype = 'm' then (select rngtypid from pg_range where rngmultitypid = typ.oid)
        when typ.typtype = 'd' then typ.typbasetype end as elemtypoid
    from pg_type as typ
    left join pg_class as cls on (cls.oid = typ.typrelid)
    left join pg_proc as proc on proc.oid = typ.typreceive
    left join pg_range on (pg_range.rngtypid = typ.oid)
  ) as typ
  left join pg_type as elemtyp on elemtyp.oid = elemtypoid
  left join pg_class as elemcls on (elemcls.oid = elemtyp.typrelid)
  left join pg_proc as elemproc on elemproc.oid = elemtyp.typreceive
) as t
join pg_namespace as ns on (ns.oid = typnamespace)
where typtype in ('b', 'r', 'm', 'e', 'd') or
  (typtype = 'c' and relkind = 'c') or
  (typtype = 'p' and typname in ('record', 'void', 'unknown')) or
  (typtype = 'a' and (
    elemtyptype in ('b', 'r', 'm', 'e', 'd') or
    (elemtyptype = 'p' and elemtypname in ('record', 'void')) or
    (elemtyptype = 'c' and elemrelkind = 'c')))
order by case
  when typtype in ('b', 'e', 'p') then 0
  when typtype = 'r' then 1
  when typtype = 'm' then 2
  when typtype = 'c' then 3
  when typtype = 'd' and elemtyptype <> 'a' then 4
  when typtype = 'a' then 5
  when typtype = 'd' and elemtyptype = 'a' then 6
end;

select typ.oid, att.attname, att.atttypid
from pg_type as typ
join pg_namespace as ns on (ns.oid = typ.typnamespace)
join pg_class as cls on (cls.oid = typ.typrelid)
join pg_attribute as att on (att.attrelid = typ.typrelid)
where (typ.typtype = 'c' and cls.relkind = 'c') and attnum > 0 and not attisdropped
order by typ.oid, att.attnum;

select pg_type.oid, enumlabel
from pg_enum
join pg_type on pg_type.oid = enumtypid
order by oid, enumsortorder;
-- name: type loading, as in Npgsql 4.0
-- wants: "typname":"int4"
-- wants: "typname":"_int4"
select ns.nspname, a.typname, a.oid, a.typrelid, a.typbasetype,
  case when pg_proc.proname = 'array_recv' then 'a' else a.typtype end as type,
  case when pg_proc.proname = 'array_recv' then a.typelem when a.typtype = 'r' then rngsubtype else 0 end as elem,
  case when pg_proc.proname in ('array_recv', 'oidvectorrecv') then 3 when a.typtype = 'r' then 2 when a.typtype = 'd' then 1 else 0 end as ord
from pg_type as a
join pg_namespace as ns on (ns.oid = a.typnamespace)
join pg_proc on pg_proc.oid = a.typreceive
left outer join pg_class as cls on (cls.oid = a.typrelid)
left outer join pg_type as b on (b.oid = a.typelem)
left outer join pg_class as elemcls on (elemcls.oid = b.typrelid)
left outer join pg_range on (pg_range.rngtypid = a.oid)
where a.typtype in ('b', 'r', 'e', 'd') or
  (a.typtype = 'c' and cls.relkind = 'c') or
  (pg_proc.proname = 'array_recv' and (
    b.typtype in ('b', 'r', 'e', 'd') or
    (b.typtype = 'p' and b.typname in ('record', 'void')) or
    (b.typtype = 'c' and elemcls.relkind = 'c'))) or
  (a.typtype = 'p' and a.typname in ('record', 'void'))
order by ord
-- name: character sets
-- wants: UTF8
select character_set_name from information_schema.character_sets
-- name: tables
-- wants: "TABLE_NAME":"net_worth_daily"
select table_schema as "TABLE_SCHEMA", table_name as "TABLE_NAME", table_type as "TABLE_TYPE" from information_schema.tables where table_schema not in ('information_schema', 'pg_catalog') order by table_schema, table_name
-- name: columns
-- wants: "DATA_TYPE":"numeric"
-- wants: "DATA_TYPE":"timestamp with time zone"
select column_name as "COLUMN_NAME", ordinal_position as "ORDINAL_POSITION", is_nullable as "IS_NULLABLE", case when (data_type like '%unsigned%') then data_type || ' unsigned' else data_type end as "DATA_TYPE" from information_schema.columns where table_schema = 'mart' and table_name = 'accounts' order by table_schema, table_name, ordinal_position
-- name: primary keys
-- wants: "COLUMN_NAME":"account_id"
select i.constraint_schema || '_' || i.constraint_name as "INDEX_NAME", ii.column_name as "COLUMN_NAME", ii.ordinal_position as "ORDINAL_POSITION", case when i.constraint_type = 'PRIMARY KEY' then 'Y' else 'N' end as "PRIMARY_KEY"
from information_schema.table_constraints i inner join information_schema.key_column_usage ii on i.constraint_schema = ii.constraint_schema and i.constraint_name = ii.constraint_name and i.table_schema = ii.table_schema and i.table_name = ii.table_name
where i.table_schema = 'fdx' and i.table_name = 'deposit_accounts' and i.constraint_type in ('PRIMARY KEY', 'UNIQUE')
order by i.constraint_schema || '_' || i.constraint_name, ii.table_schema, ii.table_name, ii.ordinal_position
-- name: foreign keys out
-- wants: "PK_COLUMN_NAME":"account_id"
select pkcol.column_name as "PK_COLUMN_NAME", fkcol.table_schema as "FK_TABLE_SCHEMA", fkcol.table_name as "FK_TABLE_NAME", fkcol.column_name as "FK_COLUMN_NAME", fkcol.ordinal_position as "ORDINAL", fkcon.constraint_schema || '_' || fkcol.table_name || '_' || 'fdx' || '_' || fkcon.constraint_name as "FK_NAME"
from (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name from information_schema.referential_constraints) fkcon
inner join information_schema.key_column_usage fkcol on fkcon.constraint_schema = fkcol.constraint_schema and fkcon.constraint_name = fkcol.constraint_name
inner join information_schema.key_column_usage pkcol on fkcon.unique_constraint_schema = pkcol.constraint_schema and fkcon.unique_constraint_name = pkcol.constraint_name
where pkcol.table_schema = 'fdx' and pkcol.table_name = 'deposit_accounts' and pkcol.ordinal_position = fkcol.ordinal_position
order by "FK_NAME", fkcol.ordinal_position
-- name: foreign keys in
-- wants: "PK_TABLE_NAME":"holdings"
select pkcol.table_schema as "PK_TABLE_SCHEMA", pkcol.table_name as "PK_TABLE_NAME", pkcol.column_name as "PK_COLUMN_NAME", fkcol.column_name as "FK_COLUMN_NAME", fkcol.ordinal_position as "ORDINAL"
from (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name from information_schema.referential_constraints) fkcon
inner join information_schema.key_column_usage fkcol on fkcon.constraint_schema = fkcol.constraint_schema and fkcon.constraint_name = fkcol.constraint_name
inner join information_schema.key_column_usage pkcol on fkcon.unique_constraint_schema = pkcol.constraint_schema and fkcon.unique_constraint_name = pkcol.constraint_name
where fkcol.table_schema = 'fdx' and fkcol.table_name = 'tax_lots' and pkcol.ordinal_position = fkcol.ordinal_position
order by fkcol.ordinal_position
-- name: a folded query
-- wants: "a0"
select "rows"."account_kind" as "account_kind", sum("rows"."balance") as "a0", count(1) as "a1" from (select "account_kind", "balance" from "mart"."accounts" "$Table" where "currency" = 'CAD') "rows" group by "account_kind" limit 1000001 offset 0
-- name: nested folding
select "_"."account_kind" from (select "rows"."account_kind", "rows"."n" from (select "$Outer"."account_kind", "$Inner"."n" from "mart"."accounts" "$Outer" left outer join (select "connection_id" as "c0", count(1) as "n" from "mart"."transactions" "$Table" group by "connection_id") "$Inner" on ("$Outer"."connection_id" = "$Inner"."c0")) "rows" where "rows"."n" > 1) "_" order by "_"."account_kind" limit 10
-- name: transaction as Npgsql begins it
begin transaction isolation level read committed
-- name: rolled back
rollback
-- name: reset of a pooled connection
discard all
