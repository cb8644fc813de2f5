-- How the checks of sql/checks/ went after the last load.
select name, failed_rows, checked_at from ops.checks order by failed_rows desc, name
