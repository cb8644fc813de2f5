-- What the warehouse holds, as far as the role may read it, in tables that later files and the macros read.
-- Macro bodies see the caller's columns: names that begin with an underscore cannot occur in a client's query.

-- Numbers that stay the same from one generation to the next: a hash of the name, above those PostgreSQL gives out itself.
create macro pgshim._number(_kind, _name) as (md5_number(_kind || ' ' || _name) % 2000000000 + 20000)::uinteger;

create table pgshim._schemas as
select 11::uinteger as _s_oid, 'pg_catalog' as _s_name, 'System catalogue' as _s_comment
union all select 13000, 'information_schema', 'Information schema of the SQL standard'
union all
select pgshim._number('schema', schema_name), schema_name, comment
from duckdb_schemas()
where database_name = getvariable('catalogue_database')
  and schema_name in (select schema_name from pgshim._readable);

create table pgshim._relations as
select
  pgshim._number('relation', schema_name || '.' || relation_name) as _r_oid,
  _s_oid as _r_schema_oid, _s_name as _r_schema, relation_name as _r_name, kind as _r_kind,
  row_estimate as _r_rows, found.comment as _r_comment, body as _r_body
from (
  select schema_name, table_name as relation_name, 'r' as kind, estimated_size as row_estimate, comment, null as body
  from duckdb_tables() where database_name = getvariable('catalogue_database') and not internal
  union all
  select schema_name, view_name, 'v', 0, comment, regexp_extract(sql, '(?is)^\s*create\s+(?:or\s+replace\s+)?view\s.*?\sas\s+(.*?);?\s*$', 1)
  from duckdb_views() where database_name = getvariable('catalogue_database') and not internal
) as found
join pgshim._readable using (schema_name, relation_name)
join pgshim._schemas on _s_name = schema_name;

insert into pgshim._relations
select oid, _s_oid, _s_name, relation, kind, 0, null, null
from pgshim._system_relations join pgshim._schemas on _s_name = schema;

-- Type of PostgreSQL for each type of DuckDB; what is not here travels as text or, if it has parts, as JSON.
create table pgshim._types as
select unnest(map_entries(map {
  'BOOLEAN': 16, 'BLOB': 17, 'BIGINT': 20, 'UINTEGER': 20, 'TINYINT': 21, 'UTINYINT': 21, 'SMALLINT': 21, 'INTEGER': 23, 'USMALLINT': 23,
  'VARCHAR': 25, 'JSON': 114, 'FLOAT': 700, 'DOUBLE': 701, 'DATE': 1082, 'TIME': 1083, 'TIME_NS': 1083,
  'TIMESTAMP': 1114, 'TIMESTAMP_S': 1114, 'TIMESTAMP_MS': 1114, 'TIMESTAMP_NS': 1114, 'TIMESTAMP WITH TIME ZONE': 1184,
  'INTERVAL': 1186, 'TIME WITH TIME ZONE': 1266, 'BIT': 1562, 'DECIMAL': 1700,
  'UBIGINT': 1700, 'HUGEINT': 1700, 'UHUGEINT': 1700, 'BIGNUM': 1700, 'UUID': 2950
}), recursive := true);
alter table pgshim._types rename key to _t_duckdb;
alter table pgshim._types rename value to _t_oid;

create table pgshim._columns as
select
  _r_oid as _c_relation, column_index::smallint as _c_number, column_name as _c_name,
  case
    when data_type similar to '(STRUCT|MAP|UNION|VARIANT).*' or data_type like '%[]%[]' then 114::uinteger
    when data_type like '%]' then coalesce(typarray, 1009)
    else coalesce(_t_oid, 25)
  end::uinteger as _c_type,
  case when data_type like 'DECIMAL(%)' then (numeric_precision << 16) | numeric_scale + 4 else -1 end::integer as _c_modifier,
  not is_nullable as _c_not_null, column_default as _c_default, col.comment as _c_comment
from duckdb_columns() as col
join pgshim._relations on _r_schema = schema_name and _r_name = table_name
left join pgshim._types on _t_duckdb = regexp_replace(data_type, '(\(\d+, ?\d+\))?(\[\d*\])*$', '')
left join pgshim.pg_type on oid = _t_oid
where database_name = getvariable('catalogue_database');

insert into pgshim._columns
select _r_oid, number, col."column", type_oid, modifier, not_null, null, null
from pgshim._system_columns as col join pgshim._relations on _r_schema = schema and _r_name = relation;
