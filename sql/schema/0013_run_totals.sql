alter table ops.runs add column connections BIGINT;
alter table ops.runs add column pages BIGINT;
alter table ops.runs add column bytes BIGINT;
alter table ops.runs add column requests BIGINT;
alter table ops.runs add column retries BIGINT;
alter table ops.runs add column trimmed_at TIMESTAMPTZ;
comment on column ops.runs.connections is 'Connections that the run has asked for; this and the next four are its totals, and stay when its outcomes go.';
comment on column ops.runs.trimmed_at is 'When outcomes in it were last removed for their age (keepOutcomesDays).';
