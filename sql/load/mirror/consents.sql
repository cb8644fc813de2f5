create or replace temp table mirrored as
from read_json(getvariable('mirror_file'), format = 'newline_delimited', columns = {
  consent_id: 'VARCHAR', connection_id: 'VARCHAR', provider: 'VARCHAR', scopes: 'VARCHAR', given_at: 'TIMESTAMPTZ', ends_at: 'TIMESTAMPTZ',
  ended_at: 'TIMESTAMPTZ', ended_by: 'VARCHAR'
});
create or replace temp table difference as
(from mirrored except all select * from ops.consents) union all (select * from ops.consents except all from mirrored);
