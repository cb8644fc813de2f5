-- Tables that have records to add, to replace or to bring up to date.
select distinct table_name
from (
  select table_name from accepted
  union all select table_name from added
  union all select table_name from replaced
  union all select table_name from older
  union all select table_name from touched
  union all select table_name from dropped
)
