-- Cuts a batch into slices of about 32 MB of pages.
create or replace temp table slices as
select rowid as page, ((sum(coalesce(try_cast(bytes as bigint), 0)) over (order by rowid)) // 33554432)::integer as slice
from arrived;
