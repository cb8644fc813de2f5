-- What the masked copy of each table is made of: its columns, and the expressions that give their values.
-- What a column is follows from its comment: [pii: direct] is a name, a number, an address; [pii: account] is
-- what an account tells. Text that nothing is said of is taken for direct. Of a number half of its characters are shown, the last four
-- at most, behind as many dots: mart.accounts, which shows the same of a whole number, finds as much to show.
with place as (
  select *, '"' || replace(column_name, '"', '""') || '"' as name,
    '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"' as table_path,
    coalesce(c.comment, '') as said, data_type like '%VARCHAR%' or data_type like '%JSON%' as is_text,
    'cast(least(4, length(regexp_replace("' || replace(column_name, '"', '""') || '", ''[\s-]'', '''', ''g'')) // 2) as integer)' as shown_of
  from duckdb_columns() as c
  join (select database_name, schema_name, table_name, estimated_size from duckdb_tables()) using (database_name, schema_name, table_name)
  where database_name = 'lake'
), shown as (
  select *,
    case
      when said like '%[pii: direct]%' and column_name in ('account_number', 'account_number_display', 'card_number_display')
        then 'if(' || name || ' is not null, lpad(right(regexp_replace(' || name || ', ''[^0-9A-Za-z]'', '''', ''g''), ' || shown_of || '), 2 * ' || shown_of || ', ''•''), null)'
      when column_name = 'extra' or said like '%[pii: direct]%' or (is_text and said = '') or (data_type like '%JSON%' and said like '%[pii: account]%')
        then 'cast(' || case when is_nullable then 'null' when data_type = 'JSON' then '''null''' else '''''' end || ' as ' || data_type || ')'
      when data_type = 'VARCHAR' and said like '%[pii: account]%'
        and column_name in ('description', 'loan_description', 'memo', 'payee', 'reference', 'title', 'value', 'display_name', 'transaction_payee_merchant_name')
        then 'regexp_replace(' || name || ', ''[\w.+-]+@[\w.-]+|\+?\d(?:[ .()/-]{0,2}\d){6,}'', ''•••'', ''g'')'
      else name
    end as expression
  from place
)
select table_path as name, string_agg(name, ', ' order by column_index) as columns, string_agg(expression, ', ' order by column_index) as expressions,
  any_value(estimated_size) = 0 as is_empty
from shown
group by table_path
order by table_path;
