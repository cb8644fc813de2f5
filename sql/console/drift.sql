-- Members that no column is for (value NULL), and values that the standard does not list.
select
  provider, table_name, field, value, sum(rows_seen)::bigint as "rows", min(first_seen_at)::date as first_seen,
  max(last_seen_at)::date as last_seen
from ops.drift
group by provider, table_name, field, value
order by max(last_seen_at)::date desc, sum(rows_seen) desc
limit 200
