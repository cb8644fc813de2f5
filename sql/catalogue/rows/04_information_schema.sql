-- information_schema over pg_catalog: PostgreSQL 15 documentation, chapter 37.
insert into infoshim.information_schema_catalog_name values (getvariable('catalogue_database'));

insert into infoshim.schemata by name
select getvariable('catalogue_database') as catalog_name, _s_name as schema_name, getvariable('catalogue_owner') as schema_owner from pgshim._schemas;

insert into infoshim.tables by name
select getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name,
  if(_r_kind = 'v', 'VIEW', 'BASE TABLE') as table_type, 'NO' as is_insertable_into, 'NO' as is_typed
from pgshim._relations;

insert into infoshim.views by name
select getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name, _r_body as view_definition,
  'NONE' as check_option, 'NO' as is_updatable, 'NO' as is_insertable_into, 'NO' as is_trigger_updatable, 'NO' as is_trigger_deletable,
  'NO' as is_trigger_insertable_into
from pgshim._relations where _r_kind = 'v';

insert into infoshim.columns by name
select
  getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name, _c_name as column_name,
  _c_number as ordinal_position, _c_default as column_default, if(_c_not_null, 'NO', 'YES') as is_nullable,
  case when typcategory = 'A' then 'ARRAY' else pgshim._type_text(_c_type, -1) end as data_type,
  if(_c_type in (25, 1043), 1073741824, null) as character_octet_length,
  case _c_type when 20 then 64 when 21 then 16 when 23 then 32 when 700 then 24 when 701 then 53 when 1700 then if(_c_modifier = -1, null, (_c_modifier - 4) >> 16) end as numeric_precision,
  case when _c_type in (20, 21, 23, 700, 701) then 2 when _c_type = 1700 then 10 end as numeric_precision_radix,
  case when _c_type in (20, 21, 23) then 0 when _c_type = 1700 and _c_modifier <> -1 then (_c_modifier - 4) & 65535 end as numeric_scale,
  case when _c_type in (1083, 1114, 1184, 1186, 1266) then 6 when _c_type = 1082 then 0 end as datetime_precision,
  getvariable('catalogue_database') as udt_catalog, 'pg_catalog' as udt_schema, typname as udt_name, _c_number::varchar as dtd_identifier,
  'NO' as is_self_referencing, 'NO' as is_identity, 'NO' as identity_cycle, 'NEVER' as is_generated, 'NO' as is_updatable
from pgshim._columns join pgshim._relations on _r_oid = _c_relation left join pgshim.pg_type on oid = _c_type;

insert into infoshim.table_constraints by name
select
  getvariable('catalogue_database') as constraint_catalog, _r_schema as constraint_schema, _k_name as constraint_name,
  getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name,
  if(_k_type = 'p', 'PRIMARY KEY', 'FOREIGN KEY') as constraint_type, 'NO' as is_deferrable, 'NO' as initially_deferred, 'YES' as enforced,
  if(_k_type = 'p', null, null) as nulls_distinct
from pgshim._keys join pgshim._relations on _r_oid = _k_relation;

insert into infoshim.key_column_usage by name
select
  getvariable('catalogue_database') as constraint_catalog, _r_schema as constraint_schema, _k_name as constraint_name,
  getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name,
  unnest(_k_names) as column_name, generate_subscripts(_k_names, 1) as ordinal_position,
  if(_k_type = 'f', generate_subscripts(_k_names, 1), null) as position_in_unique_constraint
from pgshim._keys join pgshim._relations on _r_oid = _k_relation;

insert into infoshim.referential_constraints by name
select
  getvariable('catalogue_database') as constraint_catalog, child._r_schema as constraint_schema, _k_name as constraint_name,
  getvariable('catalogue_database') as unique_constraint_catalog, parent._r_schema as unique_constraint_schema, _k_index_name as unique_constraint_name,
  'NONE' as match_option, 'NO ACTION' as update_rule, 'NO ACTION' as delete_rule
from pgshim._keys join pgshim._relations as child on child._r_oid = _k_relation join pgshim._relations as parent on parent._r_oid = _k_refers
where _k_type = 'f';

insert into infoshim.constraint_column_usage by name
select
  getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name,
  unnest(if(_k_type = 'p', _k_names, _k_refers_names)) as column_name,
  getvariable('catalogue_database') as constraint_catalog, _r_schema as constraint_schema, _k_name as constraint_name
from pgshim._keys join pgshim._relations on _r_oid = if(_k_type = 'p', _k_relation, _k_refers);
insert into infoshim.constraint_table_usage by name
select distinct table_catalog, table_schema, table_name, constraint_catalog, constraint_schema, constraint_name from infoshim.constraint_column_usage;

insert into infoshim.table_privileges by name
select getvariable('catalogue_owner') as grantor, role_name as grantee, getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name,
  'SELECT' as privilege_type, 'NO' as is_grantable, 'YES' as with_hierarchy
from pgshim._relations, pgshim._roles where _r_oid >= 20000
union all by name
select getvariable('catalogue_owner') as grantor, 'PUBLIC' as grantee, getvariable('catalogue_database') as table_catalog, _r_schema as table_schema, _r_name as table_name,
  'SELECT' as privilege_type, 'NO' as is_grantable, 'YES' as with_hierarchy
from pgshim._relations where _r_oid < 20000;
insert into infoshim.role_table_grants by name select * from infoshim.table_privileges where grantee <> 'PUBLIC';
insert into infoshim.column_privileges by name
select grantor, grantee, table_catalog, table_schema, table_name, _c_name as column_name, privilege_type, is_grantable
from infoshim.table_privileges join pgshim._relations on _r_schema = table_schema and _r_name = table_name join pgshim._columns on _c_relation = _r_oid
where grantee <> 'PUBLIC';
insert into infoshim.role_column_grants by name select * from infoshim.column_privileges;

insert into infoshim.enabled_roles by name select role_name from pgshim._roles;
insert into infoshim.applicable_roles by name select role_name as grantee, role_name, 'NO' as is_grantable from pgshim._roles;
insert into infoshim.character_sets by name
select 'UTF8' as character_set_name, 'UCS' as character_repertoire, 'UTF8' as form_of_use, getvariable('catalogue_database') as default_collate_catalog,
  'pg_catalog' as default_collate_schema, 'C' as default_collate_name;
insert into infoshim.collations by name
select getvariable('catalogue_database') as collation_catalog, 'pg_catalog' as collation_schema, collname as collation_name, 'NO PAD' as pad_attribute from pgshim.pg_collation;
