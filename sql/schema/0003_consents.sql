create table ops.consents (
  consent_id VARCHAR not null,
  connection_id VARCHAR not null,
  provider VARCHAR not null,
  scopes VARCHAR not null,
  given_at TIMESTAMPTZ not null,
  ends_at TIMESTAMPTZ,
  ended_at TIMESTAMPTZ,
  ended_by VARCHAR not null
);
comment on table ops.consents is 'Every consent that a person has given, kept as evidence: the newest of a connection is the one it rests on.';
comment on column ops.consents.ends_at is 'By the provider, or by the provider file’s consentDays; NULL where neither says.';
comment on column ops.consents.ended_by is 'renewed, expired, lost, revoked or purged; empty while it runs.';

create table ops.audit (
  seq BIGINT not null,
  noted_at TIMESTAMPTZ not null,
  actor VARCHAR not null,
  action VARCHAR not null,
  connection_id VARCHAR not null,
  facts JSON not null,
  hash VARCHAR not null
);
comment on table ops.audit is 'What is worth proving later: consents, lost grants, revocations, purges. A copy; `fdx connections audit` proves the original.';
comment on column ops.audit.hash is 'SHA-256 over the entry and the hash before it.';
