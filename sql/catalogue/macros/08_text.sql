-- Functions of PostgreSQL that queries of BI tools use and DuckDB does not have: PostgreSQL 15 documentation, 9.4 to 9.9 and 9.16.
create macro pgshim.quote_literal(_value) as '''' || replace(_value::varchar, '''', '''''') || '''';
create macro pgshim.quote_nullable(_value) as coalesce('''' || replace(_value::varchar, '''', '''''') || '''', 'NULL');
create macro pgshim.initcap(_text) as array_to_string(list_transform(regexp_extract_all(_text, '[[:alnum:]]+|[^[:alnum:]]+'), lambda _one: upper(_one[1]) || lower(_one[2:])), '');
create macro pgshim.btrim(_text) as trim(_text), (_text, _characters) as trim(_text, _characters);
create macro pgshim.octet_length(_text) as octet_length(encode(_text::varchar));
create macro pgshim.parse_ident(_text) as pgshim._parts(_text), (_text, _strict) as pgshim._parts(_text);
create macro pgshim.regexp_match(_text, _pattern) as nullif(if(regexp_matches(_text, _pattern), regexp_extract_all(_text, _pattern)[1:1], null), []);
create macro pgshim.regexp_count(_text, _pattern) as len(regexp_extract_all(_text, _pattern))::integer;
create macro pgshim.div(_number, _by) as trunc(_number / _by)::decimal(38, 0);
create macro pgshim.width_bucket(_number, _low, _high, _count) as case
  when _number < _low then 0 when _number >= _high then _count + 1
  else floor((_number - _low)::double / (_high - _low)::double * _count)::integer + 1 end::integer;
create macro pgshim.pg_typeof(_value) as coalesce(
  (select _y_text from pgshim._types join pgshim._type_names on _y_oid = _t_oid where _t_duckdb = regexp_replace(typeof(_value), '\(.*\)$', '')), lower(typeof(_value)));
create macro pgshim.make_interval(years := 0, months := 0, weeks := 0, days := 0, hours := 0, mins := 0, secs := 0) as
  to_years(years) + to_months(months) + to_weeks(weeks) + to_days(days) + to_hours(hours) + to_minutes(mins) + to_seconds(secs);
create macro pgshim.date_bin(_width, _time, _origin) as time_bucket(_width::interval, _time, _origin);
-- Templates of to_char and to_date (table 9.26) as strftime's. Longer ones first, so that no part of one is taken for another.
create macro pgshim._time_format(_template) as
  replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
    replace(replace(replace(_template, 'FM', ''), '"', ''), 'TZ', 'UTC'),
    'YYYY', '%Y'), 'IYYY', '%G'), 'YY', '%y'), 'HH24', '%H'), 'HH12', '%I'), 'HH', '%I'), 'MI', '%M'), 'SS', '%S'), 'MS', '%g'), 'US', '%f'),
    'Month', '%B'), 'MONTH', '%B'), 'Mon', '%b'), 'MON', '%b'), 'MM', '%m'), 'DDD', '%j'), 'DD', '%d'), 'Day', '%A'), 'DAY', '%A'), 'Dy', '%a'), 'DY', '%a'), 'IW', '%V'), 'WW', '%W'), 'AM', '%p');
create macro pgshim._to_char_time(_value, _template) as
  replace(strftime(_value, replace(pgshim._time_format(replace(replace(_template, 'ID', '%u'), 'Q', '@q')), 'PM', '%p')), '@q', quarter(_value)::varchar);
create macro pgshim.to_char(_value, _template) as pgshim._to_char_time(_value, _template);
-- Numbers: the template's digits after the point, groups, leading zeros and FM.
create macro pgshim._digits(_value, _template) as
  format(if(contains(_template, ',') or contains(_template, 'G'), '{:,.', '{:.') || len(regexp_extract(_template, '[.D]([09]*)', 1)) || 'f}', _value::double);
create macro pgshim._to_char_number(_value, _template) as if(contains(_template, 'FM'), pgshim._digits(_value, _template),
  lpad(pgshim._digits(_value, _template), (len(regexp_replace(_template, '"[^"]*"', '', 'g')) + 1)::integer, ' '));
create macro pgshim.json_typeof(_json) as case json_type(_json) when 'VARCHAR' then 'string' when 'UBIGINT' then 'number' when 'BIGINT' then 'number' when 'DOUBLE' then 'number' else lower(json_type(_json)) end;
create macro pgshim.jsonb_typeof(_json) as pgshim.json_typeof(_json);
create macro pgshim.jsonb_array_length(_json) as json_array_length(_json);
create macro pgshim.jsonb_object_keys(_json) as unnest(json_keys(_json));
create macro pgshim.json_object_keys(_json) as unnest(json_keys(_json));
-- A path is a list of names and, for arrays, places.
create macro pgshim._json_path(_json, _path) as json_extract(_json, '$' || array_to_string(list_transform(_path, lambda _one: if(regexp_full_match(_one, '\d+'), '[' || _one || ']', '."' || _one || '"')), ''));
create macro pgshim._json_path_text(_json, _path) as pgshim._json_path(_json, _path) ->> '$';
