alter table ops.pages add column ms BIGINT;
alter table ops.pages add column retries BIGINT;
comment on column ops.pages.ms is 'Milliseconds from the request to the end of its answer; NULL for pages that were landed before this was kept.';
comment on column ops.pages.retries is 'Attempts that failed before this answer; NULL for pages that were landed before this was kept.';
