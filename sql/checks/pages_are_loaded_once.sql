-- A page is loaded once, from one segment.
select page_id from ops.pages group by page_id having count(*) > 1;
