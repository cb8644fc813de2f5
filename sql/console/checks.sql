-- How the checks went after the last load: what failed first.
select name, failed_rows, date_trunc('second', checked_at) as checked_at
from ops.checks
order by failed_rows desc, name
