-- What the macros look things up in: one row for each number, in columns that no query names.
create table pgshim._visible as
with named as (
  select _r_oid as oid, _r_name as name, _r_schema as schema, _r_kind as kind from pgshim._relations
  union all
  select _k_index, _k_name, _r_schema, 'i' from pgshim._keys join pgshim._relations on _r_oid = _k_relation where _k_type = 'p'
), by_name as (
  select name, list(schema) as schemas from named group by name
)
select oid as _v_oid, name as _v_name, schema as _v_schema, kind as _v_kind, schemas as _v_schemas from named join by_name using (name);

create table pgshim._comments as
select objoid as _d_object, classoid as _d_class, objsubid as _d_part, description as _d_text from pgshim.pg_description;

create table pgshim._role_names as select role_oid as _o_oid, role_name as _o_name from pgshim._roles;

create table pgshim._functions as
with taken as (
  select oid, string_agg(_y_text, ', ' order by position) as takes
  from (select oid, unnest(proargtypes) as type, generate_subscripts(proargtypes, 1) as position from pgshim.pg_proc) join pgshim._type_names on _y_oid = type
  group by oid
)
select oid as _f_oid, proname as _f_name, _y_text as _f_returns, coalesce(takes, '') as _f_takes
from pgshim.pg_proc left join taken using (oid) left join pgshim._type_names on _y_oid = prorettype;

create table pgshim._settings as select name as _g_name, setting as _g_setting from pgshim.pg_settings;

create table pgshim._definitions as
select _k_oid as _q_oid,
  if(_k_type = 'p',
    'PRIMARY KEY (' || array_to_string(_k_names, ', ') || ')',
    'FOREIGN KEY (' || array_to_string(_k_names, ', ') || ') REFERENCES ' || _k_refers_name || '(' || array_to_string(_k_refers_names, ', ') || ')') as _q_text
from pgshim._keys
union all
select _k_index, pgshim._index_text(_r_schema, _r_name, _k_name, _k_names)
from pgshim._keys join pgshim._relations on _r_oid = _k_relation where _k_type = 'p'
union all
select _r_oid, _r_body || ';' from pgshim._relations where _r_kind = 'v' and _r_body is not null;

create table pgshim._index_columns as
select _k_index as _x_index, generate_subscripts(_k_names, 1) as _x_position, unnest(_k_names) as _x_name from pgshim._keys where _k_type = 'p';
