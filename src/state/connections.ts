import { hash } from 'node:crypto'
import { addAudit } from './audit.ts'
import { endConsent } from './consents.ts'
import type { State } from './state.ts'

/**
 * `active`: may be extracted. `reauth`: the grant is lost, the person must connect again. `needs_mfa`: the
 * bank asks the person something. `revoked`: ended on purpose; its data is kept. `purging`, `purged`: its
 * data is being, or has been, erased; only this row stays, so that no replay brings it back.
 */
export const connectionStates = [
  'active',
  'reauth',
  'needs_mfa',
  'revoked',
  'purging',
  'purged',
] as const
export type ConnectionState = (typeof connectionStates)[number]

export interface Connection {
  readonly id: string
  readonly provider: string
  readonly protocol: 'fdx' | 'flinks'
  readonly subject: string | null
  readonly label: string
  readonly state: ConnectionState
  readonly reason: string
  readonly scopes: string
  readonly consent_given_at: string | null
  readonly consent_ends_at: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly last_good_at: string | null
}

export function getConnection(state: State, id: string): Connection | undefined {
  return state.db.prepare('select * from connections where id = ?').get(id) as
    | Connection
    | undefined
}

/** Names of the providers that somebody is connected to. */
export const connectedProviders = (state: State): Set<string> =>
  new Set(
    state.db
      .prepare('select distinct provider from connections')
      .all()
      .map((row) => String(row['provider'])),
  )

/** Connections of one provider, or all, oldest first. */
export function listConnections(state: State, provider?: string): Connection[] {
  const sql = `select * from connections ${provider === undefined ? '' : 'where provider = ?'} order by created_at, id`
  const values = provider === undefined ? [] : [provider]
  return state.db.prepare(sql).all(...values) as unknown as Connection[]
}

/** The first connections of all, oldest first: for people, who read no million of lines. */
export const listSome = (state: State, limit: number): Connection[] =>
  state.db
    .prepare('select * from connections order by created_at, id limit ?')
    .all(limit) as unknown as Connection[]

/** Which connections a run is about. */
export interface Which {
  readonly provider: string
  /** Only those whose last part in a run of this pipeline did not end `ok`. */
  readonly failedIn?: string | undefined
  /** The run that is being made: it is nobody's last. Whose part in it has ended well is not chosen again. */
  readonly runId?: string
}

const lastEnding = `(select part.status from run_connections part join runs on runs.id = part.run_id
  where part.connection_id = connections.id and runs.pipeline = :pipeline and part.run_id <> :run
  order by part.started_at desc limit 1)`

const done = `exists (select 1 from run_connections part
  where part.run_id = :run and part.connection_id = connections.id and part.status in ('ok', 'partial'))`

const chosen = ({ provider, failedIn, runId = '' }: Which) => ({
  where: `provider = :provider and state not in (${endedStates.map((one) => `'${one}'`)})
    and not ${done}${failedIn === undefined ? '' : ` and ${lastEnding} <> 'ok'`}`,
  values: { provider, run: runId, ...(failedIn !== undefined && { pipeline: failedIn }) },
})

export function countConnections(state: State, which: Which): number {
  const { where, values } = chosen(which)
  const sql = `select count(*) as count from connections where ${where}`
  return Number(state.db.prepare(sql).get(values)?.['count'])
}

/** Connections read at once. */
const pageSize = 256

/** Connections that may be asked, a page at a time and in the order of their ids. */
export function* eachConnection(state: State, which: Which): Generator<Connection> {
  const { where, values } = chosen(which)
  const page = state.db.prepare(
    `select * from connections where id > :after and ${where} order by id limit ${pageSize}`,
  )
  for (let after: string | undefined = ''; after !== undefined; ) {
    const some = page.all({ ...values, after }) as unknown as Connection[]
    yield* some
    after = some.length < pageSize ? undefined : some.at(-1)?.id
  }
}

/** A LoginId opens an account and a `sub` may be an e-mail address: the registry keeps only this of either. */
export const hashedSubject = (provider: string, subject: string): string =>
  hash('sha256', `${provider}\n${subject}`)

export function findBySubject(
  state: State,
  provider: string,
  subject: string,
): Connection | undefined {
  return state.db
    .prepare('select * from connections where provider = ? and subject = ?')
    .get(provider, subject) as Connection | undefined
}

/** Adds the connection, or brings the one with this id up to date (a person who connects again). */
export function saveConnection(state: State, connection: Connection): void {
  const columns = Object.keys(connection) as (keyof Connection)[]
  const changes = columns
    .filter((name) => name !== 'id' && name !== 'created_at')
    .map((name) => `${name} = excluded.${name}`)
  state.db
    .prepare(
      `insert into connections (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})
       on conflict (id) do update set ${changes.join(', ')}`,
    )
    .run(...columns.map((name) => connection[name]))
}

/**
 * Sets the state. A connection that becomes `reauth` has lost its consent, and the audit log says so. One that is being
 * erased, or was, stays that: a request that was under way may still want to say something of it.
 */
export function setConnectionState(
  state: State,
  id: string,
  next: ConnectionState,
  reason: string,
  at: string,
): void {
  state.transaction(() => {
    const before = getConnection(state, id)?.state
    if (before === 'purged' || (before === 'purging' && next !== 'purged')) return
    state.db
      .prepare('update connections set state = ?, reason = ?, updated_at = ? where id = ?')
      .run(next, reason, at, id)
    if (next !== 'reauth' || before === 'reauth') return
    endConsent(state, id, 'lost', at)
    addAudit(state, 'grant_lost', at, id)
  })
}

/** States in which nothing is asked of the provider any more, for good. */
const endedStates: readonly ConnectionState[] = ['revoked', 'purging', 'purged']

export const isEnded = (connection: Connection): boolean => endedStates.includes(connection.state)

export function setLastGood(state: State, id: string, at: string): void {
  state.db.prepare('update connections set last_good_at = ? where id = ?').run(at, id)
}
