-- A row when the table has records to add, to replace or to bring up to date.
select 1 as one
where exists (from accepted where table_name = $1)
  or exists (from added where table_name = $1)
  or exists (from replaced where table_name = $1)
  or exists (from older where table_name = $1)
  or exists (from touched where table_name = $1)
  or exists (from dropped where table_name = $1)
