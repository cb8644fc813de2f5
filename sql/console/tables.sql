-- Every table that can be asked, with its columns.
select table_schema, table_name, column_name, data_type
from information_schema.columns
where table_schema in ('mart', 'fdx', 'flinks', 'history', 'ops')
order by case table_schema when 'mart' then 0 when 'history' then 1 when 'ops' then 2 else 3 end, table_schema, table_name, ordinal_position
