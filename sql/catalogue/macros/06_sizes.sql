-- Sizes and statistics. A relation of the warehouse has no file of its own: sizes are estimates from its rows and columns.
create macro pgshim._size(_relation) as coalesce((
  select (_r_rows * (select count(*) from pgshim._columns where _c_relation = _r_oid) * 8)::bigint from pgshim._relations where _r_oid = pgshim._to_regclass(_relation)), 0::bigint);
create macro pgshim.pg_relation_size(_relation) as pgshim._size(_relation), (_relation, _fork) as pgshim._size(_relation);
create macro pgshim.pg_table_size(_relation) as pgshim._size(_relation);
create macro pgshim.pg_total_relation_size(_relation) as pgshim._size(_relation);
create macro pgshim.pg_indexes_size(_relation) as 0::bigint;
create macro pgshim.pg_database_size(_database) as (select coalesce(sum(_r_rows * 100), 0)::bigint from pgshim._relations);
create macro pgshim.pg_tablespace_size(_tablespace) as 0::bigint;
create macro pgshim.pg_size_pretty(_size) as case
  when abs(_size) < 10240 then _size || ' bytes'
  when abs(_size) < 10485760 then round(_size / 1024)::bigint || ' kB'
  when abs(_size) < 10737418240 then round(_size / 1048576)::bigint || ' MB'
  when abs(_size) < 10995116277760 then round(_size / 1073741824)::bigint || ' GB'
  else round(_size / 1099511627776)::bigint || ' TB' end;
create macro pgshim.pg_column_size(_value) as strlen(_value::varchar);
create macro pgshim.pg_stat_get_numscans(_oid) as 0::bigint;
create macro pgshim.pg_stat_get_tuples_returned(_oid) as 0::bigint;
create macro pgshim.pg_stat_get_tuples_fetched(_oid) as 0::bigint;
create macro pgshim.pg_stat_get_live_tuples(_oid) as (select _r_rows::bigint from pgshim._relations where _r_oid = _oid);
create macro pgshim.pg_stat_get_dead_tuples(_oid) as 0::bigint;
create macro pgshim.pg_stat_get_last_analyze_time(_oid) as null::timestamptz;
create macro pgshim.pg_stat_get_last_vacuum_time(_oid) as null::timestamptz;
create macro pgshim.pg_stat_get_activity(_pid) as table from pgshim.pg_stat_activity where false;
create macro pgshim.pg_lock_status() as table from pgshim.pg_locks where false;
create macro pgshim.pg_blocking_pids(_pid) as []::integer[];
create macro pgshim.pg_cancel_backend(_pid) as false;
create macro pgshim.pg_terminate_backend(_pid) as false;
create macro pgshim.pg_advisory_lock(_key) as null::varchar, (_key, _second) as null::varchar;
create macro pgshim.pg_advisory_unlock(_key) as true, (_key, _second) as true;
create macro pgshim.pg_advisory_unlock_all() as null::varchar;
create macro pgshim.pg_try_advisory_lock(_key) as true, (_key, _second) as true;
