import type { AuditEntry } from '../../../state/audit.ts'
import {
  type Connection,
  type ConnectionState,
  connectionStates,
} from '../../../state/connections.ts'
import type { RunConnection, RunIssue } from '../../../state/runs.ts'
import type { State } from '../../../state/state.ts'

/** Which connections are looked at, and in which order. Each order has an index that gives it. */
export const views = {
  all: 'All',
  consent: 'Consent ends soon',
  stale: 'Not fresh',
} as const
export type View = keyof typeof views

export interface Filter {
  readonly view: View
  readonly state: ConnectionState | ''
  readonly provider: string
  /** Beginning of an id or of a label. */
  readonly find: string
  /** Last row of the page before, as `listPage` gave it. */
  readonly after: string
}

/** The filter that a query string asks for; what cannot be is left out. */
export function readFilter(query: Readonly<Record<string, unknown>>): Filter {
  const text = (name: string) => {
    const value = query[name]
    return typeof value === 'string' ? value.slice(0, 200) : ''
  }
  return {
    view: (Object.keys(views) as View[]).find((one) => one === text('view')) ?? 'all',
    state: connectionStates.find((one) => one === text('state')) ?? '',
    provider: text('provider'),
    find: text('find').trim(),
    after: text('after'),
  }
}

export const pageSize = 50

export interface ConnectionPage {
  readonly connections: readonly Connection[]
  /** For the next page; undefined on the last. */
  readonly next: string | undefined
}

/** How a view is read: its condition, its order (all columns ascending), and the key of a row in it. */
interface Order {
  /** Index that gives the order: left to itself, SQLite sorts a million rows for fifty. */
  readonly index?: string
  readonly where: string
  readonly columns: readonly string[]
  readonly key: (one: Connection) => readonly string[]
}

const byState: Order = {
  where: 'true',
  columns: ['state', 'provider', 'id'],
  key: ({ state, provider, id }) => [state, provider, id],
}
const byId: Order = {
  where: "id >= :find and id < :find || '\uffff'",
  columns: ['id'],
  key: ({ id }) => [id],
}
const byLabel: Order = {
  where:
    "label <> '' and label >= :find collate nocase and label < :find || '\uffff' collate nocase",
  columns: ['label collate nocase', 'id'],
  key: ({ label, id }) => [label, id],
}
const orders: Readonly<Record<View, Order>> = {
  all: byState,
  consent: {
    index: 'connections_by_consent_end',
    where:
      "consent_ends_at is not null and consent_ends_at < :soon and state in ('active', 'needs_mfa')",
    columns: ['consent_ends_at', 'id'],
    key: ({ consent_ends_at, id }) => [consent_ends_at ?? '', id],
  },
  stale: {
    index: 'connections_by_last_good',
    where: "state in ('active', 'needs_mfa', 'reauth') and coalesce(last_good_at, '') < :old",
    columns: ["coalesce(last_good_at, '')", 'id'],
    key: ({ last_good_at, id }) => [last_good_at ?? '', id],
  },
}

/** One page of connections: by key, never by offset, so that the last page costs what the first does. */
export function listPage(state: State, filter: Filter, now: number): ConnectionPage {
  const order = orderOf(filter)
  const after = readKey(filter.after, order.columns.length)
  const rows: Connection[] = []
  for (const one of statesToRead(filter, order)) {
    const missing = pageSize + 1 - rows.length
    if (missing > 0)
      rows.push(...readRows(state, order, { ...filter, state: one }, after, missing, now))
  }
  const connections = rows.slice(0, pageSize)
  const last = connections.at(-1)
  const isMore = rows.length > pageSize && last !== undefined
  const key = isMore
    ? Buffer.from(JSON.stringify(order.key(last))).toString('base64url')
    : undefined
  return { connections, next: key }
}

/** The index begins with the state: for one provider it is entered once for each. */
const statesToRead = (filter: Filter, order: Order): readonly Filter['state'][] =>
  order === byState && filter.provider !== '' && filter.state === ''
    ? connectionStates.toSorted()
    : [filter.state]

function readRows(
  state: State,
  order: Order,
  filter: Filter,
  after: readonly string[] | undefined,
  limit: number,
  now: number,
): Connection[] {
  const conditions = [order.where]
  const values: Record<string, string | number> = { limit }
  const condition = (sql: string, name: string, value: string) => {
    conditions.push(sql)
    values[name] = value
  }
  if (order.where.includes(':find')) values['find'] = filter.find
  if (order.where.includes(':soon')) values['soon'] = new Date(now + 30 * 86_400_000).toISOString()
  if (order.where.includes(':old')) values['old'] = new Date(now - 2 * 86_400_000).toISOString()
  if (filter.state !== '') condition('state = :state', 'state', filter.state)
  if (filter.provider !== '') condition('provider = :provider', 'provider', filter.provider)
  if (after !== undefined) {
    const places = after.map((value, at) => {
      values[`after${at}`] = value
      return `:after${at}`
    })
    conditions.push(`(${order.columns.join(', ')}) > (${places.join(', ')})`)
  }
  return state.db
    .prepare(
      `select * from connections ${order.index === undefined ? '' : `indexed by ${order.index}`}
       where ${conditions.join(' and ')} order by ${order.columns.join(', ')} limit :limit`,
    )
    .all(values) as unknown as Connection[]
}

function orderOf({ view, find }: Filter): Order {
  if (find === '') return orders[view]
  return /^c_[0-9a-f]*$/.test(find) ? byId : byLabel
}

function readKey(text: string, length: number): readonly string[] | undefined {
  if (text === '') return undefined
  try {
    const key: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    const isKey =
      Array.isArray(key) && key.length === length && key.every((one) => typeof one === 'string')
    return isKey ? key : undefined
  } catch {
    return undefined
  }
}

/** A connection's part in a run, with the run's pipeline. */
export type PartOfRun = RunConnection & { readonly pipeline: string }

/** The newest parts of a connection in runs, newest first. */
export const partsOf = (state: State, connectionId: string, limit: number): PartOfRun[] =>
  state.db
    .prepare(
      `select part.*, coalesce(runs.pipeline, '') as pipeline from run_connections as part
       left join runs on runs.id = part.run_id
       where part.connection_id = ? order by part.started_at desc limit ?`,
    )
    .all(connectionId, limit) as unknown as PartOfRun[]

export type SeenIssue = RunIssue & { readonly seen: number }

/** What could not be read of a connection in one run. */
export const issuesOf = (state: State, runId: string, connectionId: string): SeenIssue[] =>
  state.db
    .prepare(
      'select * from run_issues where run_id = ? and connection_id = ? order by stream, code limit 200',
    )
    .all(runId, connectionId) as unknown as SeenIssue[]

/** The last part of each of these connections in any run. */
export function lastParts(state: State, ids: readonly string[]): Map<string, RunConnection> {
  const last = state.db.prepare(
    'select * from run_connections where connection_id = ? order by started_at desc limit 1',
  )
  return new Map(
    ids.flatMap((id) => {
      const part = last.get(id) as unknown as RunConnection | undefined
      return part === undefined ? [] : [[id, part] as const]
    }),
  )
}

/** What the audit log says of a connection, newest first. */
export const auditOf = (state: State, connectionId: string, limit: number): AuditEntry[] =>
  state.db
    .prepare('select * from audit where connection_id = ? order by seq desc limit ?')
    .all(connectionId, limit) as unknown as AuditEntry[]
