alter table ops.pages add column records BIGINT;
comment on column ops.pages.records is 'Records in the page’s list; NULL in pages that were loaded before this was counted.';

create table ops.readings (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  pull_id VARCHAR not null,
  window_start DATE,
  window_end DATE,
  started_at TIMESTAMPTZ not null,
  ended_at TIMESTAMPTZ not null,
  pages BIGINT not null,
  records BIGINT not null
);
comment on table ops.readings is 'Readings of one account’s transactions that were complete, from the first page of their window to the last: only these can tell that a transaction is gone.';
comment on column ops.readings.provider is 'Provider the connection is with.';
comment on column ops.readings.connection_id is 'Connection that was read.';
comment on column ops.readings.account_id is 'Account, as the provider identifies it.';
comment on column ops.readings.pull_id is 'The reading; in ops.pages too.';
comment on column ops.readings.window_start is 'First day asked for. Flinks names no days: the oldest transaction’s.';
comment on column ops.readings.window_end is 'Last day asked for. Flinks names no days: the newest transaction’s.';
comment on column ops.readings.started_at is 'When its first page was fetched.';
comment on column ops.readings.ended_at is 'When its last page was fetched.';
comment on column ops.readings.pages is 'Pages it took.';
comment on column ops.readings.records is 'Transactions it had. A reading without any says nothing of what is gone.';

create table ops.unsettled (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  pull_id VARCHAR not null,
  seen_at TIMESTAMPTZ not null
);
comment on table ops.unsettled is 'Accounts that have new pages since vanished transactions and links were last brought up to date: work that a killed load leaves to the next. Empty in a published generation.';
comment on column ops.unsettled.provider is 'Provider the connection is with.';
comment on column ops.unsettled.connection_id is 'Connection of the account.';
comment on column ops.unsettled.account_id is 'Account, as the provider identifies it.';
comment on column ops.unsettled.pull_id is 'Reading that the new pages belong to.';
comment on column ops.unsettled.seen_at is 'When the oldest of them was fetched.';

create table history.transaction_links (
  provider VARCHAR not null,
  connection_id VARCHAR not null,
  account_id VARCHAR not null,
  transaction_id VARCHAR not null,
  ordinal INTEGER not null,
  supersedes_transaction_id VARCHAR not null,
  supersedes_ordinal INTEGER not null,
  rule VARCHAR not null,
  score DECIMAL(4,3) not null,
  superseded_day DATE
);
comment on table history.transaction_links is 'Two rows that are one event: the one that stands, and the one it supersedes (a pending row that was posted, or a row that came back under a new id). Neither is ever deleted.';
comment on column history.transaction_links.provider is 'Provider the connection is with.';
comment on column history.transaction_links.connection_id is 'Connection of both rows.';
comment on column history.transaction_links.account_id is 'Account of both rows.';
comment on column history.transaction_links.transaction_id is 'The row that stands.';
comment on column history.transaction_links.ordinal is 'Its position among different rows of one id.';
comment on column history.transaction_links.supersedes_transaction_id is 'The row that it supersedes.';
comment on column history.transaction_links.supersedes_ordinal is 'That row’s position among different rows of one id.';
comment on column history.transaction_links.rule is 'reference (the provider says so), same_id, settled (same amount), tip (more, as at a restaurant), hold (a fixed amount held, as at a fuel pump), reissued (the same under a new id).';
comment on column history.transaction_links.score is 'How sure it is, 0 to 1; 1 where the provider says so. Links below 0.6 are not made.';
comment on column history.transaction_links.superseded_day is 'Day of the row that is superseded.';
