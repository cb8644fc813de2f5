-- Members and values that nobody knows, by table and field. Values are the provider's own words, cut short.
select provider, table_name, field, left(value, 40) as value, sum(rows_seen) as rows_seen, min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at
from ops.drift
group by all
order by rows_seen desc, table_name, field
