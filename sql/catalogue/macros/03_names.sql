-- From names to numbers and back: PostgreSQL 15 documentation, 8.19. The casts themselves are rewritten to these (rewrite/reg-casts.ts).
create macro pgshim._parts(_text) as list_transform(regexp_extract_all(_text, '"(?:[^"]|"")*"|[^."]+'), lambda _one: if(_one[1] = '"', replace(_one[2:-2], '""', '"'), lower(trim(_one))));
create macro pgshim._named(_parts_of, _default) as struct_pack(in_schema := if(len(_parts_of) > 1, _parts_of[-2], null), called := _parts_of[-1]);
-- NULL where there is none.
create macro pgshim._find_relation(_text) as (
  select arg_min(_v_oid, case when _v_schema = 'pg_catalog' then -1 else coalesce(list_position(pgshim._path(), _v_schema), 0) end)
  from pgshim._visible
  where _v_name = pgshim._parts(_text)[-1]
    and if(len(pgshim._parts(_text)) > 1, _v_schema = pgshim._parts(_text)[-2], _v_schema = 'pg_catalog' or list_contains(pgshim._path(), _v_schema))
);
create macro pgshim._to_regclass(_text) as coalesce(try_cast(_text::varchar as uinteger), pgshim._find_relation(_text::varchar));
-- An error for a name that is not there. It depends on what was counted, so that it is not raised before that is known.
create macro pgshim._regclass(_text) as (
  select case
    when _text is null then null
    when count(*) > 0 then coalesce(try_cast(_text::varchar as uinteger), arg_min(_v_oid, case when _v_schema = 'pg_catalog' then -1 else coalesce(list_position(pgshim._path(), _v_schema), 0) end))
    else coalesce(try_cast(_text::varchar as uinteger), error('relation "' || _text::varchar || '" does not exist' || repeat(' ', count(*)))::uinteger) end
  from pgshim._visible
  where _v_name = pgshim._parts(_text::varchar)[-1]
    and if(len(pgshim._parts(_text::varchar)) > 1, _v_schema = pgshim._parts(_text::varchar)[-2], _v_schema = 'pg_catalog' or list_contains(pgshim._path(), _v_schema))
);
create macro pgshim._regclass_text(_oid) as case when _oid = 0 then '-' else coalesce(
  (select if(pgshim._found_first(_v_schema, _v_schemas), '', pgshim.quote_ident(_v_schema) || '.') || pgshim.quote_ident(_v_name) from pgshim._visible where _v_oid = try_cast(_oid::varchar as uinteger)), _oid::varchar) end;
create macro pgshim.to_regclass(_text) as pgshim._find_relation(_text::varchar);

create macro pgshim._find_type(_text) as (
  select min(_y_oid) from pgshim._type_names
  where list_contains([_y_name, _y_text], regexp_replace(regexp_replace(regexp_replace(lower(trim(_text)), '^"?pg_catalog"?\.', ''), '^"(.*)"$', '\1'), '^int(\[\])?$', 'integer\1'))
);
create macro pgshim._regtype(_text) as (
  select case
    when _text is null then null
    else coalesce(try_cast(_text::varchar as uinteger), min(_y_oid), error('type "' || _text::varchar || '" does not exist' || repeat(' ', count(*)))::uinteger) end
  from pgshim._type_names
  where list_contains([_y_name, _y_text], regexp_replace(regexp_replace(regexp_replace(lower(trim(_text::varchar)), '^"?pg_catalog"?\.', ''), '^"(.*)"$', '\1'), '^int(\[\])?$', 'integer\1'))
);
create macro pgshim._regtype_text(_oid) as case when _oid = 0 then '-' else coalesce(pgshim._type_text(try_cast(_oid::varchar as uinteger), -1), _oid::varchar) end;
create macro pgshim.to_regtype(_text) as pgshim._find_type(_text::varchar);

create macro pgshim._find_function(_text) as (select min(_f_oid) from pgshim._functions where _f_name = pgshim._parts(regexp_replace(_text, '\(.*', ''))[-1]);
create macro pgshim._regproc(_text) as coalesce(try_cast(_text::varchar as uinteger), pgshim._find_function(_text::varchar), 0);
create macro pgshim._regproc_text(_oid) as case when _oid = 0 then '-' else coalesce((select _f_name from pgshim._functions where _f_oid = try_cast(_oid::varchar as uinteger)), _oid::varchar) end;
create macro pgshim.to_regproc(_text) as pgshim._find_function(_text::varchar);
create macro pgshim.to_regprocedure(_text) as pgshim._find_function(_text::varchar);
create macro pgshim.to_regoper(_text) as null::uinteger;

create macro pgshim._find_schema(_text) as (select _s_oid from pgshim._schemas where _s_name = pgshim._parts(_text)[-1]);
create macro pgshim._regnamespace(_text) as (
  select case
    when _text is null then null
    else coalesce(try_cast(_text::varchar as uinteger), min(_s_oid), error('schema "' || _text::varchar || '" does not exist' || repeat(' ', count(*)))::uinteger) end
  from pgshim._schemas where _s_name = pgshim._parts(_text::varchar)[-1]
);
create macro pgshim._regnamespace_text(_oid) as coalesce((select _s_name from pgshim._schemas where _s_oid = try_cast(_oid::varchar as uinteger)), _oid::varchar);
create macro pgshim.to_regnamespace(_text) as pgshim._find_schema(_text::varchar);

create macro pgshim._find_role(_text) as (select _o_oid from pgshim._role_names where _o_name = pgshim._parts(_text)[-1]);
create macro pgshim._regrole(_text) as (
  select case
    when _text is null then null
    else coalesce(try_cast(_text::varchar as uinteger), min(_o_oid), error('role "' || _text::varchar || '" does not exist' || repeat(' ', count(*)))::uinteger) end
  from pgshim._role_names where _o_name = pgshim._parts(_text::varchar)[-1]
);
create macro pgshim._regrole_text(_oid) as coalesce((select _o_name from pgshim._role_names where _o_oid = try_cast(_oid::varchar as uinteger)), _oid::varchar);
create macro pgshim.to_regrole(_text) as pgshim._find_role(_text::varchar);
-- Text form of int2vector and oidvector.
create macro pgshim._vector_text(_vector) as array_to_string(_vector, ' ');
