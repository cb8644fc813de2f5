-- Values that could not be typed, by what is wrong with them. The raw text stays in ops.rejects.
select
  provider, table_name, field, reason, count(*) as "values", count(distinct connection_id) as connections,
  max(last_seen_at)::date as last_seen
from ops.rejects
group by provider, table_name, field, reason
order by count(*) desc, provider, table_name, field
limit 200
