-- What was noted of the misplaced pages when they were loaded; their rows change tables when they are loaded again.
delete from ops.readings where pull_id in (select pull_id from misplaced);
delete from ops.pages where page_id in (select page_id from misplaced);
delete from ops.segments where name in (select segment from misplaced);
