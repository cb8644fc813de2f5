-- Pages that a load before this one committed are left out. The rest is cut into slices of so many bytes of pages,
-- each a transaction of its own: what is loaded of a segment is kept when the load is killed.
delete from arrived where page_id in (select page_id from ops.pages);
delete from arrived where rowid not in (select min(rowid) from arrived group by page_id);

create or replace temp table slices as
select slice, min(page) as first_page, max(page) as last_page
from (select rowid as page, (sum(coalesce(try_cast(bytes as bigint), 0)) over (order by rowid)) // getvariable('slice_bytes') as slice from arrived)
group by slice;
