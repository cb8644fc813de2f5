create or replace view mart.consent_clock as
with latest as (
  select connection_id, unnest(arg_min({ 'scopes': scopes, 'given_at': given_at, 'ends_at': ends_at, 'ended_at': ended_at, 'ended_by': ended_by }, { 'age': -epoch_us(given_at), 'id': consent_id }))
  from ops.consents
  group by connection_id
)
select
  c.provider, c.connection_id, c.label, c.state, l.scopes, l.given_at, l.ends_at,
  case when l.ended_by = '' then greatest(0, date_diff('second', now(), l.ends_at) // 86400) end as days_left,
  case
    when c.state in ('revoked', 'purging', 'purged') then 'ended'
    when l.ended_by in ('expired', 'lost') or c.state = 'reauth' then 'lapsed'
    when l.ends_at is null then 'open-ended'
    when l.ends_at < now() + interval 7 days then 'ends within 7 days'
    when l.ends_at < now() + interval 30 days then 'ends within 30 days'
    else 'running'
  end as standing,
  l.ended_at, l.ended_by, c.last_good_at
from ops.connections as c
left join latest as l using (connection_id);
comment on view mart.consent_clock is 'When each connection’s consent ends: what has lapsed, and what will within 7 and 30 days.';
comment on column mart.consent_clock.days_left is 'Whole days from now to the end of a running consent; NULL where it has none.';
comment on column mart.consent_clock.last_good_at is 'End of the last pull that was complete.';
comment on column mart.consent_clock.provider is 'Provider the connection is with.';
comment on column mart.consent_clock.connection_id is 'The connection.';
comment on column mart.consent_clock.label is 'Name that was given to the connection [pii: direct]';
comment on column mart.consent_clock.state is 'How it stands: active, needs_mfa, reauth, revoked, …';
comment on column mart.consent_clock.scopes is 'What the consent allows.';
comment on column mart.consent_clock.given_at is 'When it was given.';
comment on column mart.consent_clock.ends_at is 'When it ends.';
comment on column mart.consent_clock.standing is 'running, open-ended, ends within 30 days, ends within 7 days, lapsed or ended.';
comment on column mart.consent_clock.ended_at is 'When it ended.';
comment on column mart.consent_clock.ended_by is 'What ended it; empty while it runs.';
