create or replace temp table mirrored as
from read_json(getvariable('mirror_file'), format = 'newline_delimited', columns = {
  run_id: 'VARCHAR', connection_id: 'VARCHAR', stream: 'VARCHAR', code: 'VARCHAR', message: 'VARCHAR', seen: 'BIGINT'
});
create or replace temp table difference as
(from mirrored except all select * from ops.run_issues) union all (select * from ops.run_issues except all from mirrored);
