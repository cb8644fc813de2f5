-- Pages as they are staged, numbered; the type of the body is the entity's. Pages of connections that were
-- purged are not there; those of merged ones are of the other connection.
create or replace temp view landed as
select coalesce(m.into_id, p.connection_id) as connection_id, p.* exclude (connection_id)
from read_json(
  getvariable('pages_file'),
  format = 'newline_delimited', maximum_object_size = getvariable('pages_longest'),
  columns = {
    n: 'INTEGER', segment: 'VARCHAR',
    page_id: 'VARCHAR', run_id: 'VARCHAR', pull_id: 'VARCHAR', provider: 'VARCHAR', connection_id: 'VARCHAR', entity: 'VARCHAR', account_id: 'VARCHAR',
    window_start: 'VARCHAR', window_end: 'VARCHAR', sequence: 'VARCHAR', last: 'VARCHAR', status: 'VARCHAR', interaction_id: 'VARCHAR',
    requested_at: 'VARCHAR', fetched_at: 'VARCHAR', bytes: 'VARCHAR', sha256: 'VARCHAR', ms: 'VARCHAR', retries: 'VARCHAR', marks: 'VARCHAR[]',
    body: getvariable('body_type')
  }
) as p
left join merged as m on m.from_id = p.connection_id
anti join purged as t on t.connection_id = p.connection_id;
