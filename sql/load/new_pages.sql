-- Pages that a load before this one committed are left out.
delete from page where page_id in (select page_id from ops.pages);
