pgAdmin's tree and pgcli's completion.

-- name: session
-- wants: warehouse
select db.oid as did, db.datname, db.datallowconn, pg_encoding_to_char(db.encoding) as serverencoding, has_database_privilege(db.oid, 'CREATE') as cancreate, datistemplate from pg_catalog.pg_database db where db.datname = current_database()
-- name: role
-- wants: "name":"owner"
select roles.oid as id, roles.rolname as name, roles.rolsuper as is_superuser, case when roles.rolsuper then true else roles.rolcreaterole end as can_create_role, case when roles.rolsuper then true else roles.rolcreatedb end as can_create_db from pg_catalog.pg_roles as roles where rolname = current_user
-- name: recovery
select case when pg_is_in_recovery() then 'in' else 'out' end as state, pg_is_in_recovery() as inrecovery
-- name: schemas
-- wants: "name":"mart"
select nsp.oid, nsp.nspname as name, has_schema_privilege(nsp.oid, 'CREATE') as can_create, has_schema_privilege(nsp.oid, 'USAGE') as has_usage, des.description from pg_catalog.pg_namespace nsp left outer join pg_catalog.pg_description des on (des.objoid = nsp.oid and des.classoid = 'pg_namespace'::regclass) where nspname not like E'pg\\_%' and not (nsp.nspname = 'pg_catalog' and exists (select 1 from pg_catalog.pg_class where relname = 'pg_class' and relnamespace = nsp.oid limit 1)) order by nspname
-- name: tables
-- wants: "name":"holdings"
select rel.oid, rel.relname as name, (select count(*) from pg_catalog.pg_trigger where tgrelid = rel.oid and tgisinternal = false) as triggercount, (select count(1) from pg_catalog.pg_inherits where inhrelid = rel.oid limit 1) as is_inherits from pg_catalog.pg_class rel where rel.relkind in ('r', 's', 't', 'p') and rel.relnamespace = (select oid from pg_namespace where nspname = 'fdx') and not rel.relispartition order by rel.relname
-- name: columns
-- wants: "datatype":"numeric\(38,18\)"
select distinct att.attname as name, att.attnum as oid, pg_catalog.format_type(ty.oid, att.atttypmod) as datatype, att.attnotnull as not_null, case when att.atthasdef or att.attidentity != '' or ty.typdefault is not null then true else false end as has_default_val, des.description from pg_catalog.pg_attribute att join pg_catalog.pg_type ty on ty.oid = atttypid left outer join pg_catalog.pg_description des on (des.objoid = att.attrelid and des.objsubid = att.attnum and des.classoid = 'pg_class'::regclass) where att.attrelid = 'fdx.holdings'::regclass::oid and att.attnum > 0 and att.attisdropped is false order by att.attnum
-- name: indexes
-- wants: "name":"holdings_pkey"
select distinct on (cls.relname) cls.oid, cls.relname as name, idx.indrelid, idx.indkey from pg_catalog.pg_index idx join pg_catalog.pg_class cls on cls.oid = indexrelid left join pg_catalog.pg_depend dep on (dep.classid = cls.tableoid and dep.objid = cls.oid and dep.refobjsubid = '0' and dep.refclassid = (select oid from pg_catalog.pg_class where relname = 'pg_constraint') and dep.deptype = 'i') where indrelid = 'fdx.holdings'::regclass order by cls.relname
-- name: dashboard
select 'session_stats' as chart_name, (select count(*) from pg_catalog.pg_stat_activity where datname = 'warehouse') as total
-- name: completion, schemas
-- wants: "nspname":"fdx"
select nspname from pg_catalog.pg_namespace order by 1
-- name: completion, search path
-- wants: mart
select * from unnest(current_schemas(true))
-- name: completion, tables
-- wants: "table_name":"holdings"
select n.nspname schema_name, c.relname table_name from pg_catalog.pg_class c left join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind = any(array['r', 'p', 'f']) order by 1, 2
-- name: completion, columns
-- wants: "column_name":"account_id"
select nsp.nspname schema_name, cls.relname table_name, att.attname column_name, att.atttypid::regtype::text type_name, att.atthasdef as has_default, pg_catalog.pg_get_expr(def.adbin, def.adrelid, true) as default from pg_catalog.pg_attribute att inner join pg_catalog.pg_class cls on att.attrelid = cls.oid inner join pg_catalog.pg_namespace nsp on cls.relnamespace = nsp.oid left outer join pg_attrdef def on def.adrelid = att.attrelid and def.adnum = att.attnum where cls.relkind = any(array['r', 'p', 'f']) and not att.attisdropped and att.attnum > 0 order by 1, 2, att.attnum
-- name: completion, foreign keys
-- wants: "child_column":"account_id"
select s_p.nspname as parentschema, t_p.relname as parenttable, unnest((select array_agg(attname order by i) from (select unnest(confkey) as attnum, generate_subscripts(confkey, 1) as i) x join pg_catalog.pg_attribute c using (attnum) where c.attrelid = fk.confrelid)) as parentcolumn, s_c.nspname as childschema, t_c.relname as childtable, unnest((select array_agg(attname order by i) from (select unnest(conkey) as attnum, generate_subscripts(conkey, 1) as i) x join pg_catalog.pg_attribute c using (attnum) where c.attrelid = fk.conrelid)) as child_column from pg_catalog.pg_constraint fk join pg_catalog.pg_class t_p on t_p.oid = fk.confrelid join pg_catalog.pg_namespace s_p on s_p.oid = t_p.relnamespace join pg_catalog.pg_class t_c on t_c.oid = fk.conrelid join pg_catalog.pg_namespace s_c on s_c.oid = t_c.relnamespace where fk.contype = 'f'
-- name: completion, databases
-- wants: warehouse
select d.datname from pg_catalog.pg_database d order by 1
-- name: completion, types
select n.nspname schema_name, t.typname type_name from pg_catalog.pg_type t inner join pg_catalog.pg_namespace n on n.oid = t.typnamespace where (t.typrelid = 0 or (select c.relkind = 'c' from pg_catalog.pg_class c where c.oid = t.typrelid)) and not exists (select 1 from pg_catalog.pg_type el where el.oid = t.typelem and el.typarray = t.oid) and n.nspname <> 'pg_catalog' and n.nspname <> 'information_schema' order by 1, 2
