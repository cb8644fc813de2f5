DBeaver's PostgreSQL navigator.

-- name: session
-- wants: warehouse
select current_schema(), session_user, current_database()
-- name: version
-- wants: PostgreSQL 15
select version()
-- name: settings at the start
set search_path = mart, fdx
-- name: application
set application_name = 'DBeaver 24 - Metadata <warehouse>'
-- name: databases
-- wants: "datname":"warehouse"
select db.oid, db.* from pg_catalog.pg_database db where datallowconn and not datistemplate or db.datname = 'warehouse' order by db.datname
-- name: roles
-- wants: "rolname":"ann"
select a.oid, a.*, pd.description from pg_catalog.pg_roles a left join pg_catalog.pg_shdescription pd on a.oid = pd.objoid order by a.rolname
-- name: schemas
-- wants: "nspname":"mart"
select n.oid, n.*, d.description from pg_catalog.pg_namespace n left outer join pg_catalog.pg_description d on d.objoid = n.oid and d.objsubid = 0 and d.classoid = 'pg_namespace'::regclass order by nspname
-- name: tablespaces
select t.oid, t.*, pg_tablespace_location(t.oid) loc from pg_catalog.pg_tablespace t order by t.oid
-- name: data types
-- wants: "typname":"numeric"
select t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description from pg_catalog.pg_type t left outer join pg_catalog.pg_type et on et.oid = t.typelem left outer join pg_catalog.pg_class c on c.oid = t.typrelid left outer join pg_catalog.pg_description d on t.oid = d.objoid where t.typname is not null and (c.relkind is null or c.relkind = 'c') and (et.typcategory is null or et.typcategory <> 'C')
-- name: access methods
select am.oid, am.* from pg_catalog.pg_am am order by am.oid
-- name: collations
select c.oid, c.* from pg_catalog.pg_collation c order by c.oid
-- name: languages
select l.oid, l.* from pg_catalog.pg_language l order by l.oid
-- name: extensions
select e.oid, e.extname, n.nspname, e.extversion from pg_catalog.pg_extension e join pg_namespace n on e.extnamespace = n.oid order by e.oid
-- name: tables and views of a schema
-- wants: "relname":"holdings"
-- wants: "description":"Holdings of investment
select c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr, pg_catalog.pg_get_partkeydef(c.oid) as partition_key from pg_catalog.pg_class c left outer join pg_catalog.pg_description d on d.objoid = c.oid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass where c.relnamespace in (select oid from pg_namespace where nspname = 'fdx') and c.relkind not in ('i', 'I', 'c')
-- name: columns
-- wants: "attname":"account_id"
select c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value, dsc.description, dep.objid from pg_catalog.pg_attribute a inner join pg_catalog.pg_class c on (a.attrelid = c.oid) left outer join pg_catalog.pg_attrdef ad on (a.attrelid = ad.adrelid and a.attnum = ad.adnum) left outer join pg_catalog.pg_description dsc on (c.oid = dsc.objoid and a.attnum = dsc.objsubid) left outer join pg_depend dep on dep.refobjid = a.attrelid and dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid where not a.attisdropped and c.relkind not in ('i', 'I', 'c') and c.oid = 'fdx.holdings'::regclass order by a.attnum
-- name: constraints
-- wants: "conname":"holdings_pkey"
-- wants: "definition":"FOREIGN KEY
select c.oid, c.*, t.relname as tabrelname, rt.relnamespace as refnamespace, d.description, case c.contype when 'c' then "substring"(pg_get_constraintdef(c.oid), 7) else null end consrc_copy, pg_get_constraintdef(c.oid) as definition from pg_catalog.pg_constraint c inner join pg_catalog.pg_class t on t.oid = c.conrelid left outer join pg_catalog.pg_class rt on rt.oid = c.confrelid left outer join pg_catalog.pg_description d on d.objoid = c.oid and d.objsubid = 0 and d.classoid = 'pg_constraint'::regclass where c.conrelid = 'fdx.holdings'::regclass order by c.oid
-- name: references to a table
-- wants: "relname":"tax_lots"
select c.oid, c.conname, t.relname from pg_catalog.pg_constraint c join pg_catalog.pg_class t on t.oid = c.conrelid where c.confrelid = 'fdx.holdings'::regclass and c.contype = 'f'
-- name: indexes
-- wants: "relname":"holdings_pkey"
select i.*, i.indkey as keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname as tabrelname, dsc.description, pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr, pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size, pg_catalog.pg_stat_get_numscans(i.indexrelid) as index_num_scans from pg_catalog.pg_index i inner join pg_catalog.pg_class c on c.oid = i.indexrelid inner join pg_catalog.pg_class tc on tc.oid = i.indrelid left outer join pg_catalog.pg_description dsc on i.indexrelid = dsc.objoid where i.indrelid = 'fdx.holdings'::regclass order by tabrelname, c.relname
-- name: sizes
select c.oid, pg_catalog.pg_total_relation_size(c.oid) as total_rel_size, pg_catalog.pg_relation_size(c.oid) as rel_size from pg_class c where c.relnamespace = (select oid from pg_namespace where nspname = 'fdx')
-- name: view
-- wants: SELECT
select pg_catalog.pg_get_viewdef('mart.accounts'::regclass, true) as definition
-- name: triggers
select x.oid, x.*, p.pronamespace as func_schema_id, d.description from pg_catalog.pg_trigger x left outer join pg_catalog.pg_proc p on p.oid = x.tgfoid left outer join pg_catalog.pg_description d on d.objoid = x.oid and d.objsubid = 0 where x.tgrelid = 'fdx.holdings'::regclass and not x.tgisinternal
-- name: rules
select r.* from pg_catalog.pg_rewrite r where r.ev_class = 'mart.accounts'::regclass and r.rulename <> '_RETURN'::name
-- name: inheritance
select i.*, c.relnamespace from pg_catalog.pg_inherits i, pg_catalog.pg_class c where i.inhrelid = 'fdx.holdings'::regclass and c.oid = i.inhparent order by i.inhseqno
-- name: procedures
select p.oid as poid, p.*, pg_catalog.pg_get_expr(p.proargdefaults, 0) as arg_defaults, d.description from pg_catalog.pg_proc p left outer join pg_catalog.pg_description d on d.objoid = p.oid where p.pronamespace = (select oid from pg_namespace where nspname = 'mart') order by p.proname
-- name: sequences
select seq.seqrelid from pg_catalog.pg_sequence seq
-- name: settings
-- wants: "name":"TimeZone"
select * from pg_catalog.pg_settings
-- name: sessions
select sa.* from pg_catalog.pg_stat_activity sa
-- name: locks
select * from pg_catalog.pg_locks
-- name: privileges
select * from information_schema.table_privileges where table_catalog = 'warehouse' and table_schema = 'mart' and table_name = 'accounts'
-- name: column privileges
select * from information_schema.column_privileges where table_catalog = 'warehouse' and table_schema = 'mart' and table_name = 'accounts' order by column_name
-- name: keywords
-- wants: select
select string_agg(word, ',') from pg_catalog.pg_get_keywords() where word <> all ('{a,abs,absolute}'::text[])
-- name: data
select * from mart.accounts limit 200
-- name: count of rows
select count(*) from mart.accounts
