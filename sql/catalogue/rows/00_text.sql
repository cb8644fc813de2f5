-- Names as PostgreSQL writes them; the rows below use these too.
create table pgshim._type_names as
select oid::uinteger as _y_oid, name as _y_name, text as _y_text, category as _y_category from pgshim._system_types;

create table pgshim._keywords as select word as _w_word, catcode as _w_code, catdesc as _w_text, barelabel as _w_bare, baredesc as _w_bare_text from pgshim._system_keywords;

create macro pgshim.quote_ident(_text) as
  if(regexp_full_match(_text, '[a-z_][a-z0-9_$]*') and not exists (select 1 from pgshim._keywords where _w_word = _text and _w_code <> 'U'), _text, '"' || replace(_text, '"', '""') || '"');

create macro pgshim._type_text(_type, _modifier) as (
  select case
    when _y_oid = 1700 and _modifier >= 4 then 'numeric(' || ((_modifier - 4) >> 16) || ',' || ((_modifier - 4) & 65535) || ')'
    when _y_oid in (1042, 1043) and _modifier >= 4 then _y_text || '(' || (_modifier - 4) || ')'
    else _y_text
  end
  from pgshim._type_names where _y_oid = _type
);

create macro pgshim._index_text(_schema, _table, _index, _names) as
  'CREATE UNIQUE INDEX ' || _index || ' ON ' || _schema || '.' || _table || ' USING btree (' || array_to_string(_names, ', ') || ')';

create table pgshim._built as select now() as _m_started;
