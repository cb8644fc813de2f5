-- Arrays: PostgreSQL 15 documentation, 9.19.
create macro pgshim.array_upper(_array, _dimension) as if(_dimension = 1, nullif(len(_array), 0), null)::integer;
create macro pgshim.array_lower(_array, _dimension) as if(_dimension = 1 and len(_array) > 0, 1, null)::integer;
create macro pgshim.array_ndims(_array) as if(len(_array) > 0, 1, null)::integer;
create macro pgshim.array_dims(_array) as if(len(_array) > 0, '[1:' || len(_array) || ']', null);
create macro pgshim.cardinality(_array) as len(_array)::integer;
create macro pgshim.array_remove(_array, _value) as list_filter(_array, lambda _one: _one is distinct from _value);
create macro pgshim.array_positions(_array, _value) as list_filter(range(1, len(_array) + 1), lambda _at: _array[_at] is not distinct from _value);
create macro pgshim.array_fill(_value, _sizes) as list_transform(range(0, _sizes[1]), lambda _one: _value);
-- One row for each element: x the element, n its position from 1.
create macro pgshim._pg_expandarray(_array) as unnest(list_transform(_array, lambda _one, _at: struct_pack(x := _one, n := _at::integer)));
