create or replace temp table mirrored as
from read_json(getvariable('mirror_file'), format = 'newline_delimited', columns = {
  connection_id: 'VARCHAR', provider: 'VARCHAR', protocol: 'VARCHAR', label: 'VARCHAR', state: 'VARCHAR', reason: 'VARCHAR', scopes: 'VARCHAR',
  consent_given_at: 'TIMESTAMPTZ', consent_ends_at: 'TIMESTAMPTZ', created_at: 'TIMESTAMPTZ', updated_at: 'TIMESTAMPTZ', last_good_at: 'TIMESTAMPTZ'
});
create or replace temp table difference as
(from mirrored except all select * from ops.connections) union all (select * from ops.connections except all from mirrored);
