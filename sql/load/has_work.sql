-- Tables that records were read for, how many, and whether something of them is replaced or brought up to date.
select table_name, sum(read)::integer as read, bool_or(gone) as gone
from (
  select table_name, count(*) as read, false as gone from accepted group by all
  union all select table_name, count(*), false from item where problem is null group by all
  union all select distinct table_name, 0, true from replaced
  union all select distinct table_name, 0, true from older
  union all select distinct table_name, 0, true from touched
  union all select distinct table_name, 0, true from dropped
)
group by table_name
