-- What could not be typed, by table, field and reason.
select provider, table_name, field, reason, count(*) as rejects, count(distinct connection_id) as connections, min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at,
  any_value(key) as example_key
from ops.rejects
group by all
order by rejects desc, table_name, field
