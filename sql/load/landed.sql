-- Pages as their files hold them; the type of the body is the entity's. A line that is not JSON comes back as
-- NULL. Pages of connections that were purged are not there; those of merged ones are of the other connection.
create or replace temp view landed as
select s.segment, coalesce(m.into_id, p.connection_id) as connection_id, p.* exclude (filename, connection_id)
from read_json(
  getvariable('files'),
  format = 'newline_delimited', filename = true, ignore_errors = true, maximum_object_size = 33554432,
  columns = {
    page_id: 'VARCHAR', run_id: 'VARCHAR', pull_id: 'VARCHAR', provider: 'VARCHAR', connection_id: 'VARCHAR', entity: 'VARCHAR', account_id: 'VARCHAR',
    window_start: 'VARCHAR', window_end: 'VARCHAR', sequence: 'VARCHAR', last: 'VARCHAR', status: 'VARCHAR', interaction_id: 'VARCHAR',
    requested_at: 'VARCHAR', fetched_at: 'VARCHAR', bytes: 'VARCHAR', sha256: 'VARCHAR', ms: 'VARCHAR', retries: 'VARCHAR', marks: 'VARCHAR[]',
    body: getvariable('body_type')
  }
) as p
join source as s on s.file = p.filename
left join merged as m on m.from_id = p.connection_id
anti join purged as t on t.connection_id = p.connection_id;
