create or replace temp table mirrored as
from read_json(getvariable('mirror_file'), format = 'newline_delimited', columns = {
  run_id: 'VARCHAR', pipeline: 'VARCHAR', provider: 'VARCHAR', status: 'VARCHAR', started_at: 'TIMESTAMPTZ', ended_at: 'TIMESTAMPTZ', message: 'VARCHAR',
  connections: 'BIGINT', pages: 'BIGINT', bytes: 'BIGINT', requests: 'BIGINT', retries: 'BIGINT', trimmed_at: 'TIMESTAMPTZ'
});
create or replace temp table difference as
(from mirrored except all select * from ops.runs) union all (select * from ops.runs except all from mirrored);
