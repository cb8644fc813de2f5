create or replace temp table mirrored as
select * replace (facts::json as facts) from read_json(getvariable('mirror_file'), format = 'newline_delimited', columns = {
  seq: 'BIGINT', noted_at: 'TIMESTAMPTZ', actor: 'VARCHAR', action: 'VARCHAR', connection_id: 'VARCHAR', facts: 'VARCHAR', hash: 'VARCHAR'
});
create or replace temp table difference as
(from mirrored except all select * from ops.audit) union all (select * from ops.audit except all from mirrored);
