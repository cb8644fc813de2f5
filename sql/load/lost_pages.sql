-- Pages and lines that could not be read, as the reading of the segments found them.
insert into rejected
select p.provider, p.connection_id, p.page_id, 'ops.pages', l.key, 'body', l.reason, null, coalesce(try_cast(p.fetched_at as timestamptz), to_timestamp($2 / 1000))
from (select unnest(from_json($1::json, '[{"page":"INTEGER","key":"VARCHAR","reason":"VARCHAR"}]'), recursive := true)) as l
left join page as p on p.n = l.page
where l.page is null or p.n is not null;
