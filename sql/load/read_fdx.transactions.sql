-- Reads pages of `transactions` from the files of `source`. A line that is not JSON comes back as NULL.
insert into arrived by name
select s.segment, p.* exclude (filename, body), body.transactions as list
from read_json(
  getvariable('files'),
  format = 'newline_delimited', filename = true, ignore_errors = true, maximum_object_size = 33554432,
  columns = {
    page_id: 'VARCHAR', run_id: 'VARCHAR', pull_id: 'VARCHAR', provider: 'VARCHAR', connection_id: 'VARCHAR', entity: 'VARCHAR', account_id: 'VARCHAR',
    window_start: 'VARCHAR', window_end: 'VARCHAR', sequence: 'VARCHAR', last: 'VARCHAR', status: 'VARCHAR', interaction_id: 'VARCHAR',
    requested_at: 'VARCHAR', fetched_at: 'VARCHAR', bytes: 'VARCHAR', sha256: 'VARCHAR', marks: 'VARCHAR[]',
    body: 'STRUCT(transactions JSON[])'
  }
) as p
join source as s on s.file = p.filename;
