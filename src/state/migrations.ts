/** Each entry is applied once, in order; entries are only ever added. Instants are ISO 8601 in UTC. */
export const migrations: readonly string[] = [
  `
  create table connections (
    id               text primary key,
    provider         text not null,
    protocol         text not null,
    subject          text,                     -- the provider's word for the person (sub), or a LoginId's hash
    label            text not null default '', -- what the operator calls it
    state            text not null,
    reason           text not null default '',
    scopes           text not null default '',
    consent_given_at text,
    consent_ends_at  text,
    created_at       text not null,
    updated_at       text not null,
    last_good_at     text                      -- end of the last pull that was complete
  ) strict;
  create unique index connections_by_subject on connections (provider, subject) where subject is not null;

  create table runs (
    id         text primary key,
    pipeline   text not null,
    provider   text not null,
    status     text not null,
    started_at text not null,
    ended_at   text,
    message    text not null default ''
  ) strict;

  create table run_connections (
    run_id        text not null,
    connection_id text not null,
    status        text not null,
    code          text not null default '',
    message       text not null default '',
    pages         integer not null default 0,
    bytes         integer not null default 0,
    requests      integer not null default 0,
    retries       integer not null default 0,
    started_at    text not null,
    ended_at      text,
    primary key (run_id, connection_id)
  ) strict;

  create table run_issues (                    -- part of a connection that could not be read
    run_id        text not null,
    connection_id text not null,
    stream        text not null,
    code          text not null,
    message       text not null,
    seen          integer not null default 1,
    primary key (run_id, connection_id, stream, code)
  ) strict;

  create table checkpoints (
    connection_id text not null,
    stream        text not null,               -- accounts | transactions/<account id> | detail …
    run_id        text not null,
    pull_id       text not null,               -- one reading of the stream from its start to its end
    cursor        text,                        -- what to ask for next; null at the start or when complete
    pages         integer not null,
    complete      integer not null,
    window_start  text,
    window_end    text,
    good_until    text,                        -- end of the last window that was read completely
    updated_at    text not null,
    primary key (connection_id, stream)
  ) strict;

  create table segments (
    name          text primary key,            -- relative to the segments folder
    entity        text not null,
    durable_bytes integer not null,
    pages         integer not null,
    sealed        integer not null,
    created_at    text not null
  ) strict;
  `,
  `
  create table consents (                      -- every consent a person has given, kept as evidence
    id            text primary key,
    connection_id text not null,
    provider      text not null,
    scopes        text not null,
    given_at      text not null,
    ends_at       text,
    ended_at      text,
    ended_by      text not null default ''     -- renewed | expired | lost | revoked | purged
  ) strict;
  create index consents_by_connection on consents (connection_id);

  create table audit (                         -- append-only; each hash covers the one before it
    seq           integer primary key,
    at            text not null,
    actor         text not null,
    action        text not null,
    connection_id text not null default '',
    facts         text not null default '{}',  -- JSON
    hash          text not null
  ) strict;

  create table purges (                        -- what has been withdrawn for good, and how far that is done
    connection_id text primary key,
    provider      text not null,
    asked_at      text not null,
    done_at       text,
    erased        text not null default '{}',  -- JSON: what was erased, counted
    receipt       text not null default ''     -- SHA-256 of the receipt
  ) strict;
  `,
  `
  create table merges (                        -- connections that turned out to be one person's same link
    from_id text primary key,
    into_id text not null,
    at      text not null
  ) strict;
  `,
  `
  create index run_connections_by_connection on run_connections (connection_id, started_at);
  `,
  `
  create table capabilities (                  -- what a provider has said it does not do: not asked again for a while
    connection_id text not null,
    stream        text not null,
    code          text not null,
    expires_at    text not null,
    primary key (connection_id, stream)
  ) strict;

  create table statement_files (               -- files of statements, kept under data/files/
    connection_id text not null,
    account_id    text not null,
    statement_id  text not null,
    status        text not null,               -- kept | later | refused
    code          text not null default '',
    file          text not null default '',    -- relative to the files folder
    media_type    text not null default '',
    bytes         integer not null default 0,
    sha256        text not null default '',
    updated_at    text not null,
    primary key (connection_id, account_id, statement_id)
  ) strict;

  create table webhooks (                      -- deliveries that were taken, by their hash: a replay is refused
    key         text primary key,
    received_at text not null
  ) strict;
  `,
  `
  create table schedules (                     -- cron lines that a scheduler has seen, so that none of their times is lost
    pipeline   text not null,
    line       text not null,
    time_zone  text not null,
    known_from text not null,
    jitter     real not null,                  -- in [0, 1): this installation's, and the same for ever
    primary key (pipeline, line, time_zone)
  ) strict;

  create table due_runs (                      -- due times that were taken: no second scheduler takes them again
    pipeline   text not null,
    due_at     text not null,
    taken_at   text not null,
    missed     integer not null,               -- earlier due times that this run makes up for
    attempts   integer not null default 1,     -- more than one: it was cut off and gone on with
    ended_at   text,
    status     text not null default 'taken',  -- taken | done | failed
    message    text not null default '',
    primary key (pipeline, due_at)
  ) strict;
  `,
  `
  -- what the console counts and pages through, with a million connections as with ten
  create index connections_by_state on connections (state, provider, id);
  create index connections_by_consent_end on connections (consent_ends_at, id)
    where consent_ends_at is not null and state in ('active', 'needs_mfa');
  create index connections_by_last_good on connections (coalesce(last_good_at, ''), id)
    where state in ('active', 'needs_mfa', 'reauth');
  create index connections_by_label on connections (label collate nocase, id) where label <> '';
  create index runs_by_start on runs (started_at, id);
  `,
  `
  alter table runs add column connections integer not null default 0; -- totals of an ended run, over all its connections
  alter table runs add column pages       integer not null default 0;
  alter table runs add column bytes       integer not null default 0;
  alter table runs add column requests    integer not null default 0;
  alter table runs add column retries     integer not null default 0;
  alter table runs add column trimmed_at  text;                       -- when outcomes in it were last removed for their age
  update runs set (connections, pages, bytes, requests, retries) =
    (select count(*), coalesce(sum(pages), 0), coalesce(sum(bytes), 0), coalesce(sum(requests), 0), coalesce(sum(retries), 0)
     from run_connections where run_id = runs.id);
  create index runs_by_pipeline on runs (pipeline, started_at);
  `,
  `
  create table exports (                       -- folders that exports were written to: a purge erases those
    folder      text primary key,              -- absolute
    role        text not null,                 -- whose view it was last: analyst (masked) | owner
    exported_at text not null
  ) strict;
  `,
  `
  -- of the request that failed; null where none was sent or nobody answered
  alter table run_connections add column request_status  integer; -- HTTP
  alter table run_connections add column request_bytes   integer; -- of the body, decoded
  alter table run_connections add column request_ms      integer; -- of the last attempt
  alter table run_connections add column request_retries integer; -- attempts before the last
  alter table run_connections add column interaction_id  text;    -- x-fapi-interaction-id, or the provider's own
  alter table run_issues add column request_status  integer;
  alter table run_issues add column request_bytes   integer;
  alter table run_issues add column request_ms      integer;
  alter table run_issues add column request_retries integer;
  alter table run_issues add column interaction_id  text;
  `,
  `
  create table provider_waits (                -- providers that have asked to be left alone (Retry-After)
    provider   text primary key,
    not_before text not null
  ) strict;
  `,
]
