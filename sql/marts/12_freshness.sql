create or replace view mart.freshness as
with account as (
  select provider, connection_id, count(*) as accounts, max(last_seen_at) as last_seen_at from mart.accounts group by all
), movement as (
  select provider, connection_id, count(*) as transactions, max(date) as newest_transaction, max(last_seen_at) as last_seen_at from mart.transactions group by all
), reject as (
  select provider, connection_id, count(*) as rejects from ops.rejects group by all
)
select
  c.provider, c.connection_id, c.label, c.state, c.reason, c.last_good_at, c.consent_ends_at,
  coalesce(a.accounts, 0) as accounts, coalesce(m.transactions, 0) as transactions, m.newest_transaction, coalesce(r.rejects, 0) as rejects,
  greatest(a.last_seen_at, m.last_seen_at) as newest_page_at
from ops.connections as c
left join account as a using (provider, connection_id)
left join movement as m using (provider, connection_id)
left join reject as r using (provider, connection_id);
comment on view mart.freshness is 'How fresh each connection is, and how much it holds.';
comment on column mart.freshness.last_good_at is 'End of the last pull that was complete.';
comment on column mart.freshness.provider is 'Provider the connection is with.';
comment on column mart.freshness.connection_id is 'The connection.';
comment on column mart.freshness.label is 'Name that was given to the connection [pii: direct]';
comment on column mart.freshness.state is 'How it stands: active, needs_mfa, reauth, revoked, …';
comment on column mart.freshness.reason is 'Why it does.';
comment on column mart.freshness.consent_ends_at is 'When the consent ends.';
comment on column mart.freshness.accounts is 'Accounts that are there.';
comment on column mart.freshness.transactions is 'Transactions that are there.';
comment on column mart.freshness.newest_transaction is 'Day of the newest one.';
comment on column mart.freshness.rejects is 'Values that could not be read.';
comment on column mart.freshness.newest_page_at is 'When the newest page with accounts or transactions was fetched.';
