-- A segment whose bytes are damaged: it is kept as a reject once, and tried again by every load.
insert into ops.rejects
select null, null, null, 'ops.segments', $1, 'file', 'SEGMENT_INVALID', null, to_timestamp($2 / 1000), to_timestamp($2 / 1000)
where not exists (from ops.rejects where table_name = 'ops.segments' and key = $1)
