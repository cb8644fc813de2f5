-- DuckDB's functions whose one value can take long, bounded: it cannot be interrupted while it makes one. Arguments are named once, in a
-- struct, so that calls inside calls are not multiplied.
create macro pgshim.repeat(_value, _times) as list_transform([{'v': _value, 'n': _times}], lambda _x:
  if(strlen(_x.v::varchar) * greatest(_x.n, 0)::hugeint > 10000000, error('repeat() makes at most 10000000 bytes here'), system.main.repeat(_x.v, _x.n)))[1];
create macro pgshim._lpad(_text, _length, _fill) as list_transform([{'v': _text, 'n': _length, 'f': _fill}], lambda _x:
  if(_x.n > 10000000, error('lpad() makes at most 10000000 characters here'), system.main.lpad(_x.v, _x.n::integer, _x.f)))[1];
create macro pgshim.lpad(_text, _length, _fill) as pgshim._lpad(_text, _length, _fill), (_text, _length) as pgshim._lpad(_text, _length, ' ');
create macro pgshim._rpad(_text, _length, _fill) as list_transform([{'v': _text, 'n': _length, 'f': _fill}], lambda _x:
  if(_x.n > 10000000, error('rpad() makes at most 10000000 characters here'), system.main.rpad(_x.v, _x.n::integer, _x.f)))[1];
create macro pgshim.rpad(_text, _length, _fill) as pgshim._rpad(_text, _length, _fill), (_text, _length) as pgshim._rpad(_text, _length, ' ');
create macro pgshim.bitstring(_bits, _length) as list_transform([{'v': _bits, 'n': _length}], lambda _x:
  if(_x.n > 10000000, error('bitstring() makes at most 10000000 bits here'), system.main.bitstring(_x.v, _x.n::integer)))[1];
create macro pgshim.levenshtein(_one, _other) as list_transform([{'a': _one, 'b': _other}], lambda _x:
  if(strlen(_x.a) * strlen(_x.b) > 1000000, error('levenshtein() compares at most 1000 by 1000 bytes here'), system.main.levenshtein(_x.a, _x.b)))[1];
create macro pgshim.editdist3(_one, _other) as list_transform([{'a': _one, 'b': _other}], lambda _x:
  if(strlen(_x.a) * strlen(_x.b) > 1000000, error('editdist3() compares at most 1000 by 1000 bytes here'), system.main.editdist3(_x.a, _x.b)))[1];
create macro pgshim.damerau_levenshtein(_one, _other) as list_transform([{'a': _one, 'b': _other}], lambda _x:
  if(strlen(_x.a) * strlen(_x.b) > 1000000, error('damerau_levenshtein() compares at most 1000 by 1000 bytes here'), system.main.damerau_levenshtein(_x.a, _x.b)))[1];
create macro pgshim.jaro_similarity(_one, _other) as list_transform([{'a': _one, 'b': _other}], lambda _x:
  if(strlen(_x.a) * strlen(_x.b) > 1000000, error('jaro_similarity() compares at most 1000 by 1000 bytes here'), system.main.jaro_similarity(_x.a, _x.b)))[1];
create macro pgshim.jaro_winkler_similarity(_one, _other) as list_transform([{'a': _one, 'b': _other}], lambda _x:
  if(strlen(_x.a) * strlen(_x.b) > 1000000, error('jaro_winkler_similarity() compares at most 1000 by 1000 bytes here'), system.main.jaro_winkler_similarity(_x.a, _x.b)))[1];
