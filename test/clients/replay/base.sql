LibreOffice Base's PostgreSQL driver.

-- name: schemas
-- wants: "nspname":"mart"
select nspname from pg_namespace
-- name: tables
-- wants: "relname":"holdings"
select distinct on (pg_namespace.nspname, relname) pg_namespace.nspname, relname, relkind, pg_description.description from pg_namespace, pg_class left join pg_description on pg_class.oid = pg_description.objoid where relnamespace = pg_namespace.oid and (relkind = 'r' or relkind = 'v') and pg_namespace.nspname like '%' and relname like '%' order by pg_namespace.nspname, relname
-- name: columns
-- wants: "attname":"balance"
select pg_namespace.nspname, pg_class.relname, pg_attribute.attname, pg_type.typname, pg_attribute.atttypmod, pg_attribute.attnotnull, pg_type.typdefault, pg_type.typtype, pg_attrdef.adbin, pg_description.description, pg_type.typbasetype, pg_attribute.attnum from pg_class, pg_attribute left join pg_attrdef on pg_attribute.attrelid = pg_attrdef.adrelid and pg_attribute.attnum = pg_attrdef.adnum left join pg_description on pg_attribute.attrelid = pg_description.objoid and pg_attribute.attnum = pg_description.objsubid, pg_type, pg_namespace where pg_attribute.attrelid = pg_class.oid and pg_attribute.atttypid = pg_type.oid and pg_class.relnamespace = pg_namespace.oid and pg_namespace.nspname like 'mart' and pg_class.relname like 'accounts' and pg_attribute.attname like '%' order by pg_namespace.nspname, pg_class.relname, pg_attribute.attnum
-- name: primary key
-- wants: "conname":"holdings_pkey"
select nmsp.nspname, cl.relname, con.conkey, con.conname, con.conrelid from pg_constraint as con, pg_class as cl, pg_namespace as nmsp where con.connamespace = nmsp.oid and con.conrelid = cl.oid and con.contype = 'p' and nmsp.nspname = 'fdx' and cl.relname = 'holdings'
-- name: foreign keys through pg_depend
-- wants: "fk_name":"tax_lots_
select con.conname as fk_name, pkic.relname as pk_name, con.conkey, con.confkey from pg_catalog.pg_constraint con, pg_catalog.pg_depend dep, pg_catalog.pg_class pkic where pkic.relkind = 'i' and con.contype = 'f' and con.oid = dep.objid and dep.refobjid = pkic.oid and dep.classid = 'pg_constraint'::regclass::oid and dep.refclassid = 'pg_class'::regclass::oid and con.conrelid = 'fdx.tax_lots'::regclass
-- name: indexes
-- wants: "relname":"holdings_pkey"
select nspname, pg_class.relname, indisprimary, indisclustered, indkey from pg_index inner join pg_class on indexrelid = pg_class.oid inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid inner join pg_class as class2 on pg_index.indrelid = class2.oid where nspname = 'fdx' and class2.relname = 'holdings'
-- name: privileges
select dp.table_schema, dp.table_name, dp.grantor, dp.grantee, dp.privilege_type, dp.is_grantable from information_schema.table_privileges dp where dp.table_schema like 'mart' and dp.table_name like '%' order by 1, 2, 5
-- name: users
-- wants: "usename":"ann"
select usename from pg_user
-- name: max name length
-- wants: 63
select t.typlen - 1 as n from pg_catalog.pg_type t, pg_catalog.pg_namespace n where t.typnamespace = n.oid and t.typname = 'name' and n.nspname = 'pg_catalog'
