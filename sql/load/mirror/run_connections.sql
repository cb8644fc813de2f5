-- Of runs that have changed since the last load only.
create or replace temp table mirrored as
from read_json(getvariable('mirror_file'), format = 'newline_delimited', columns = {
  run_id: 'VARCHAR', connection_id: 'VARCHAR', status: 'VARCHAR', code: 'VARCHAR', message: 'VARCHAR', pages: 'BIGINT', bytes: 'BIGINT',
  requests: 'BIGINT', retries: 'BIGINT', started_at: 'TIMESTAMPTZ', ended_at: 'TIMESTAMPTZ',
  request_status: 'INTEGER', request_bytes: 'BIGINT', request_ms: 'BIGINT', request_retries: 'BIGINT', interaction_id: 'VARCHAR'
});
