-- How things were made: PostgreSQL 15 documentation, table 9.74.
create macro pgshim._definition(_oid) as (select _q_text from pgshim._definitions where _q_oid = _oid);
create macro pgshim.format_type(_oid, _modifier) as if(_oid is null, null, coalesce(pgshim._type_text(_oid, _modifier), '???'));
create macro pgshim.pg_get_userbyid(_oid) as coalesce((select _o_name from pgshim._role_names where _o_oid = _oid), 'unknown (OID=' || _oid || ')');
create macro pgshim.pg_get_expr(_expression, _relation) as _expression, (_expression, _relation, _pretty) as _expression;
create macro pgshim.pg_get_viewdef(_view) as pgshim._definition(pgshim._to_regclass(_view)), (_view, _pretty) as pgshim._definition(pgshim._to_regclass(_view));
create macro pgshim.pg_get_constraintdef(_oid) as pgshim._definition(_oid), (_oid, _pretty) as pgshim._definition(_oid);
create macro pgshim.pg_get_indexdef(_oid) as pgshim._definition(_oid),
  (_oid, _column, _pretty) as if(_column = 0, pgshim._definition(_oid), (select _x_name from pgshim._index_columns where _x_index = _oid and _x_position = _column));
create macro pgshim.pg_get_ruledef(_oid) as null::varchar, (_oid, _pretty) as null::varchar;
create macro pgshim.pg_get_triggerdef(_oid) as null::varchar, (_oid, _pretty) as null::varchar;
create macro pgshim.pg_get_partkeydef(_oid) as null::varchar;
create macro pgshim.pg_get_partition_constraintdef(_oid) as null::varchar;
create macro pgshim.pg_get_statisticsobjdef(_oid) as null::varchar;
create macro pgshim.pg_get_statisticsobjdef_columns(_oid) as null::varchar;
create macro pgshim.pg_get_statisticsobjdef_expressions(_oid) as null::varchar[];
create macro pgshim.pg_get_serial_sequence(_table, _column) as null::varchar;
create macro pgshim.pg_get_functiondef(_oid) as null::varchar;
create macro pgshim.pg_get_function_sqlbody(_oid) as null::varchar;
create macro pgshim._argument_types(_oid) as (select _f_takes from pgshim._functions where _f_oid = _oid);
create macro pgshim.pg_get_function_arguments(_oid) as pgshim._argument_types(_oid);
create macro pgshim.pg_get_function_identity_arguments(_oid) as pgshim._argument_types(_oid);
create macro pgshim.pg_get_function_result(_oid) as (select _f_returns from pgshim._functions where _f_oid = _oid);
create macro pgshim.pg_get_function_arg_default(_oid, _number) as null::varchar;
create macro pgshim.pg_index_column_has_property(_index, _column, _property) as lower(_property) in ('asc', 'nulls_last', 'orderable', 'returnable');
create macro pgshim.pg_index_has_property(_index, _property) as false;
create macro pgshim.pg_indexam_has_property(_method, _property) as lower(_property) in ('can_order', 'can_unique', 'can_multi_col', 'can_include');
create macro pgshim.pg_relation_is_publishable(_oid) as true;
create macro pgshim.pg_relation_is_updatable(_oid, _triggers) as 0;
create macro pgshim.pg_column_is_updatable(_oid, _column, _triggers) as false;
create macro pgshim.pg_tablespace_location(_oid) as '';
create macro pgshim.pg_partition_root(_relation) as null::uinteger;
create macro pgshim.pg_sequence_last_value(_oid) as null::bigint;
create macro pgshim.pg_describe_object(_class, _object, _part) as null::varchar;
-- Comments.
create macro pgshim.obj_description(_oid) as (select any_value(_d_text) from pgshim._comments where _d_object = _oid and _d_part = 0),
  (_oid, _catalogue) as (select any_value(_d_text) from pgshim._comments where _d_object = _oid and _d_part = 0 and _d_class = case _catalogue when 'pg_class' then 1259 when 'pg_namespace' then 2615 else 0 end);
create macro pgshim.col_description(_oid, _column) as (select any_value(_d_text) from pgshim._comments where _d_object = _oid and _d_part = _column and _column > 0);
create macro pgshim.shobj_description(_oid, _catalogue) as null::varchar;
