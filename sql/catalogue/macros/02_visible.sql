-- Whether a name is found without its schema: PostgreSQL 15 documentation, table 9.72.
-- A relation is hidden by one of its name in an earlier schema of the path.
create macro pgshim._found_first(_schema, _schemas) as
  _schema = 'pg_catalog' or coalesce(list_filter(pgshim._path(), lambda _one: list_contains(_schemas, _one))[1] = _schema, false);
create macro pgshim.pg_table_is_visible(_oid) as (select pgshim._found_first(_v_schema, _v_schemas) from pgshim._visible where _v_oid = _oid);
create macro pgshim.pg_type_is_visible(_oid) as (select true from pgshim._type_names where _y_oid = _oid);
create macro pgshim.pg_function_is_visible(_oid) as (select true from pgshim._functions where _f_oid = _oid);
create macro pgshim.pg_operator_is_visible(_oid) as true;
create macro pgshim.pg_opclass_is_visible(_oid) as true;
create macro pgshim.pg_opfamily_is_visible(_oid) as true;
create macro pgshim.pg_collation_is_visible(_oid) as true;
create macro pgshim.pg_conversion_is_visible(_oid) as true;
create macro pgshim.pg_statistics_obj_is_visible(_oid) as true;
create macro pgshim.pg_ts_config_is_visible(_oid) as true;
create macro pgshim.pg_ts_dict_is_visible(_oid) as true;
create macro pgshim.pg_ts_parser_is_visible(_oid) as true;
create macro pgshim.pg_ts_template_is_visible(_oid) as true;
