-- Keys that the field lists know (keys.ts), where their tables and columns are there; a foreign key needs the key it refers to.
create table pgshim._key_columns as
select declared, owner._r_oid as owner_oid, numbered.position, parts, column_name, _c_number as column_number
from (select declared, table_name, len(column_names) as parts, unnest(column_names) as column_name, generate_subscripts(column_names, 1) as position from pgshim._declared) as numbered
join pgshim._relations as owner on owner._r_schema || '.' || owner._r_name = table_name
join pgshim._columns on _c_relation = owner._r_oid and _c_name = column_name;

create table pgshim._whole_keys as
select declared, owner_oid, list(column_number order by position) as numbers, list(column_name order by position) as names
from pgshim._key_columns
group by declared, owner_oid, parts
having count(*) = parts;

create table pgshim._keys as
with primaries as (
  select owner_oid, numbers, names, _r_name || '_pkey' as name, _r_schema
  from pgshim._whole_keys join pgshim._declared using (declared) join pgshim._relations on _r_oid = owner_oid
  where refers_table is null and _r_kind = 'r'
)
select
  pgshim._number('constraint', _r_schema || '.' || name) as _k_oid, name as _k_name, 'p' as _k_type, owner_oid as _k_relation,
  numbers as _k_numbers, names as _k_names,
  pgshim._number('index', _r_schema || '.' || name) as _k_index, name as _k_index_name,
  0::uinteger as _k_refers, null::smallint[] as _k_refers_numbers, null::varchar[] as _k_refers_names, null::varchar as _k_refers_name
from primaries
union all
select
  pgshim._number('constraint', child._r_schema || '.' || child._r_name || ' ' || names_text),
  child._r_name || '_' || names_text || '_fkey', 'f', child._r_oid, own.numbers, own.names,
  pgshim._number('index', primaries._r_schema || '.' || primaries.name), primaries.name,
  primaries.owner_oid, primaries.numbers, primaries.names, refers_table
from pgshim._whole_keys as own
join pgshim._declared using (declared)
join pgshim._relations as child on child._r_oid = own.owner_oid and child._r_kind = 'r'
join primaries on refers_table = primaries._r_schema || '.' || (primaries.name[:-6]) and primaries.names = refers_columns,
lateral (select array_to_string(own.names, '_') as names_text);

drop table pgshim._key_columns;
drop table pgshim._whole_keys;

-- A key's columns hold no NULL.
update pgshim._columns set _c_not_null = true
from pgshim._keys where _k_type = 'p' and _c_relation = _k_relation and list_contains(_k_numbers, _c_number);
