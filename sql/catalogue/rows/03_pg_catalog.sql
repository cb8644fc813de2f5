-- pg_catalog over them: PostgreSQL 15 documentation, chapter 53.
insert into pgshim.pg_namespace by name
select _s_oid as oid, _s_name as nspname, 10 as nspowner from pgshim._schemas;

insert into pgshim.pg_database by name
select pgshim._number('database', getvariable('catalogue_database')) as oid, getvariable('catalogue_database') as datname, 10 as datdba,
  6 as encoding, 'c' as datlocprovider, false as datistemplate, true as datallowconn, -1 as datconnlimit, 0 as datfrozenxid, 1 as datminmxid,
  1663 as dattablespace, 'C.UTF-8' as datcollate, 'C.UTF-8' as datctype;

insert into pgshim.pg_authid by name
select role_oid as oid, role_name as rolname, false as rolsuper, true as rolinherit, false as rolcreaterole, false as rolcreatedb,
  true as rolcanlogin, false as rolreplication, false as rolbypassrls, -1 as rolconnlimit
from pgshim._roles;
insert into pgshim.pg_roles by name select * replace ('********' as rolpassword) from pgshim.pg_authid;
insert into pgshim.pg_user by name
select rolname as usename, oid as usesysid, false as usecreatedb, false as usesuper, false as userepl, false as usebypassrls, '********' as passwd
from pgshim.pg_authid where rolcanlogin;
insert into pgshim.pg_shadow by name select * replace (null as passwd) from pgshim.pg_user;

insert into pgshim.pg_class by name
select
  _r_oid as oid, _r_name as relname, _r_schema_oid as relnamespace, if(_r_oid < 20000, 0, pgshim._number('type', _r_schema || '.' || _r_name)) as reltype, 0 as reloftype, 10 as relowner,
  if(_r_kind = 'r', 2, 0) as relam, if(_r_kind = 'r', _r_oid, 0) as relfilenode, 0 as reltablespace, ceil(_r_rows / 50) as relpages, _r_rows as reltuples,
  0 as relallvisible, 0 as reltoastrelid, exists (from pgshim._keys where _k_type = 'p' and _k_relation = _r_oid) as relhasindex,
  false as relisshared, 'p' as relpersistence, _r_kind as relkind, (select count(*) from pgshim._columns where _c_relation = _r_oid) as relnatts,
  0 as relchecks, _r_kind = 'v' as relhasrules,
  exists (from pgshim._keys where _k_type = 'f' and _r_oid in (_k_relation, _k_refers)) as relhastriggers, -- psql shows foreign keys only then
  false as relhassubclass, false as relrowsecurity, false as relforcerowsecurity, true as relispopulated,
  case when _r_kind = 'r' and _r_oid >= 20000 then 'd' else 'n' end as relreplident, false as relispartition, 0 as relrewrite, 0 as relfrozenxid, 0 as relminmxid
from pgshim._relations
union all by name
select
  _k_index as oid, _k_name as relname, _r_schema_oid as relnamespace, 0 as reltype, 0 as reloftype, 10 as relowner, 403 as relam,
  _k_index as relfilenode, 0 as reltablespace, 1 as relpages, _r_rows as reltuples, 0 as relallvisible, 0 as reltoastrelid, false as relhasindex,
  false as relisshared, 'p' as relpersistence, 'i' as relkind, len(_k_numbers) as relnatts, 0 as relchecks, false as relhasrules, false as relhastriggers,
  false as relhassubclass, false as relrowsecurity, false as relforcerowsecurity, true as relispopulated, 'n' as relreplident, false as relispartition,
  0 as relrewrite, 0 as relfrozenxid, 0 as relminmxid
from pgshim._keys join pgshim._relations on _r_oid = _k_relation
where _k_type = 'p';

create table pgshim._attributes as
select _c_relation as relation, _c_number as number, _c_name as name, _c_type as type, _c_modifier as modifier, _c_not_null as not_null, _c_default is not null as has_default from pgshim._columns
union all
select _k_index, generate_subscripts(_k_numbers, 1)::smallint, unnest(_k_names), unnest(_k_types), unnest(_k_modifiers), false, false
from (
  select _k_index, _k_numbers, _k_names,
    list_transform(_k_numbers, lambda one: of_table.types[one]) as _k_types,
    list_transform(_k_numbers, lambda one: of_table.modifiers[one]) as _k_modifiers
  from pgshim._keys
  join (select _c_relation, list(_c_type order by _c_number) as types, list(_c_modifier order by _c_number) as modifiers from pgshim._columns group by all) as of_table on _c_relation = _k_relation
  where _k_type = 'p'
);
insert into pgshim.pg_attribute by name
select
  relation as attrelid, name as attname, type as atttypid, -1 as attstattarget, typlen as attlen, number as attnum, if(typcategory = 'A', 1, 0) as attndims,
  -1 as attcacheoff, modifier as atttypmod, typbyval as attbyval, typalign as attalign, typstorage as attstorage, '' as attcompression,
  not_null as attnotnull, has_default as atthasdef, false as atthasmissing, '' as attidentity, '' as attgenerated, false as attisdropped,
  true as attislocal, 0 as attinhcount, typcollation as attcollation
from pgshim._attributes left join pgshim.pg_type on oid = type;
drop table pgshim._attributes;

insert into pgshim.pg_attrdef by name
select pgshim._number('default', _c_relation || '.' || _c_number) as oid, _c_relation as adrelid, _c_number as adnum, _c_default as adbin
from pgshim._columns where _c_default is not null;

insert into pgshim.pg_index by name
select
  _k_index as indexrelid, _k_relation as indrelid, len(_k_numbers) as indnatts, len(_k_numbers) as indnkeyatts, true as indisunique,
  false as indnullsnotdistinct, true as indisprimary, false as indisexclusion, true as indimmediate, false as indisclustered, true as indisvalid,
  false as indcheckxmin, true as indisready, true as indislive, false as indisreplident, _k_numbers as indkey,
  list_transform(_k_numbers, lambda one: 100) as indcollation, list_transform(_k_numbers, lambda one: 3126) as indclass,
  list_transform(_k_numbers, lambda one: 0) as indoption
from pgshim._keys where _k_type = 'p';

insert into pgshim.pg_constraint by name
select
  _k_oid as oid, _k_name as conname, _r_schema_oid as connamespace, _k_type as contype, false as condeferrable, false as condeferred,
  true as convalidated, _k_relation as conrelid, 0 as contypid, _k_index as conindid, 0 as conparentid, _k_refers as confrelid,
  if(_k_type = 'f', 'a', ' ') as confupdtype, if(_k_type = 'f', 'a', ' ') as confdeltype, if(_k_type = 'f', 's', ' ') as confmatchtype,
  true as conislocal, 0 as coninhcount, true as connoinherit, _k_numbers as conkey, _k_refers_numbers as confkey
from pgshim._keys join pgshim._relations on _r_oid = _k_relation;

-- A foreign key depends on the index of what it refers to, an index on its constraint: older drivers find keys this way.
insert into pgshim.pg_depend by name
select 2606 as classid, _k_oid as objid, 0 as objsubid, 1259 as refclassid, _k_index as refobjid, 0 as refobjsubid, 'n' as deptype
from pgshim._keys where _k_type = 'f'
union all by name
select 1259 as classid, _k_index as objid, 0 as objsubid, 2606 as refclassid, _k_oid as refobjid, 0 as refobjsubid, 'i' as deptype
from pgshim._keys where _k_type = 'p';

insert into pgshim.pg_description by name
select _r_oid as objoid, 1259 as classoid, 0 as objsubid, _r_comment as description from pgshim._relations where _r_comment is not null
union all by name
select _c_relation as objoid, 1259 as classoid, _c_number as objsubid, _c_comment as description from pgshim._columns where _c_comment is not null
union all by name
select _s_oid as objoid, 2615 as classoid, 0 as objsubid, _s_comment as description from pgshim._schemas where _s_comment is not null;

insert into pgshim.pg_tables by name
select _r_schema as schemaname, _r_name as tablename, getvariable('catalogue_owner') as tableowner, relhasindex as hasindexes, false as hasrules, relhastriggers as hastriggers, false as rowsecurity
from pgshim._relations join pgshim.pg_class on oid = _r_oid where _r_kind = 'r';
insert into pgshim.pg_views by name
select _r_schema as schemaname, _r_name as viewname, getvariable('catalogue_owner') as viewowner, _r_body as definition from pgshim._relations where _r_kind = 'v';
insert into pgshim.pg_indexes by name
select _r_schema as schemaname, _r_name as tablename, _k_name as indexname, pgshim._index_text(_r_schema, _r_name, _k_name, _k_names) as indexdef
from pgshim._keys join pgshim._relations on _r_oid = _k_relation where _k_type = 'p';

insert into pgshim.pg_stat_all_tables by name
select _r_oid as relid, _r_schema as schemaname, _r_name as relname, 0 as seq_scan, 0 as seq_tup_read, _r_rows as n_live_tup, 0 as n_dead_tup, 0 as n_mod_since_analyze
from pgshim._relations where _r_kind = 'r';
insert into pgshim.pg_stat_user_tables select * from pgshim.pg_stat_all_tables where relid >= 20000;

insert into pgshim.pg_timezone_names by name select name, abbrev, utc_offset, is_dst from pg_timezone_names();

update pgshim.pg_settings set setting = getvariable('catalogue_search_path') where name = 'search_path';
update pgshim.pg_settings set setting = 'on' where name in ('default_transaction_read_only', 'transaction_read_only');
update pgshim.pg_settings set setting = 'UTF8' where name = 'client_encoding';
update pgshim.pg_settings set setting = 'C.UTF-8' where name in ('lc_collate', 'lc_ctype');

-- A relation's rows are of a type of its name.
insert into pgshim.pg_type by name
select
  pgshim._number('type', _r_schema || '.' || _r_name) as oid, _r_name as typname, _r_schema_oid as typnamespace, 10 as typowner, -1 as typlen,
  false as typbyval, 'c' as typtype, 'C' as typcategory, false as typispreferred, true as typisdefined, ',' as typdelim, _r_oid as typrelid,
  0 as typsubscript, 0 as typelem, 0 as typarray, 2290 as typinput, 2291 as typoutput, 2402 as typreceive, 2403 as typsend, 0 as typmodin,
  0 as typmodout, 0 as typanalyze, 'd' as typalign, 'x' as typstorage, false as typnotnull, 0 as typbasetype, -1 as typtypmod, 0 as typndims, 0 as typcollation
from pgshim._relations where _r_oid >= 20000;
