-- Cuts a batch into slices of about 16 MB of pages.
create or replace temp table slices as
select rowid as page, ((sum(coalesce(try_cast(bytes as bigint), 0)) over (order by rowid)) // 16777216)::integer as slice
from arrived;
