-- Every table that holds rows of connections, by its quoted full name, and the column that says of which: what a purge
-- must look into.
select format('"{}"."{}"', c.schema_name, c.table_name) as name, c.column_name
from duckdb_columns() c
join duckdb_tables() t using (database_name, schema_name, table_name)
where c.database_name = 'lake' and c.column_name in ('connection_id', 'other_connection_id')
order by all;
