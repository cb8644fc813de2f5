import { createHash } from 'node:crypto'
import { addAudit } from './audit.ts'
import { type Connection, setConnectionState } from './connections.ts'
import { endConsent } from './consents.ts'
import type { State } from './state.ts'

/** What a purge erases, thing by thing. */
export type ErasedKind = 'secrets' | 'pages' | 'rows' | 'generations' | 'exports' | 'checkpoints'
/** How many of each kind, by where they were: a segment, a table, a file. */
type Ledger = Readonly<Record<ErasedKind, Readonly<Record<string, number>>>>

const emptyLedger: Ledger = {
  secrets: {},
  pages: {},
  rows: {},
  generations: {},
  exports: {},
  checkpoints: {},
}

/** What a purge has erased, counted over all its attempts. */
export interface Erased {
  readonly secrets: number
  readonly pages: number
  readonly segments: number
  /** Rows, by table. */
  readonly rows: Readonly<Record<string, number>>
  readonly generations: number
  /** Files of exports, of all connections: an export is erased whole. */
  readonly exports: number
  readonly checkpoints: number
}

/** Proof of a purge. `hash` is the SHA-256 of the other members as JSON, in this order. */
export interface Receipt {
  readonly connection: string
  readonly provider: string
  readonly asked_at: string
  readonly done_at: string
  readonly erased: Erased
  readonly hash: string
}

interface Row {
  readonly connection_id: string
  readonly provider: string
  readonly asked_at: string
  readonly done_at: string | null
  readonly erased: string
  readonly receipt: string
}

const rowOf = (state: State, connectionId: string) =>
  state.db.prepare('select * from purges where connection_id = ?').get(connectionId) as
    | Row
    | undefined

/** Marks a connection for erasure; from here on nothing of it is extracted or loaded. */
export function askPurge(state: State, connection: Connection, at: string): void {
  state.transaction(() => {
    if (rowOf(state, connection.id) === undefined) {
      state.db
        .prepare(
          'insert into purges (connection_id, provider, asked_at, erased) values (?, ?, ?, ?)',
        )
        .run(connection.id, connection.provider, at, JSON.stringify(emptyLedger))
      addAudit(state, 'purge_asked', at, connection.id)
    }
    setConnectionState(state, connection.id, 'purging', 'its data is being erased', at)
    endConsent(state, connection.id, 'purged', at)
  })
}

/** Connections whose erasure has been asked for: none of their pages may be loaded. */
export const tombstones = (state: State): string[] =>
  state.db
    .prepare('select connection_id from purges order by connection_id')
    .all()
    .map((row) => String(row['connection_id']))

/** Connections whose erasure was begun and not finished. */
export const openPurges = (state: State): string[] =>
  state.db
    .prepare('select connection_id from purges where done_at is null order by asked_at')
    .all()
    .map((row) => String(row['connection_id']))

export const purgeAskedAt = (state: State, connectionId: string): string =>
  rowOf(state, connectionId)?.asked_at ?? ''

/**
 * Notes what is about to be erased at one place. Noted before it is done and never lowered, so a purge that
 * is killed in between, and finds less the next time, still ends with the whole count.
 */
export function noteErased(
  state: State,
  connectionId: string,
  kind: ErasedKind,
  place: string,
  count: number,
): void {
  const row = rowOf(state, connectionId)
  if (row === undefined || count === 0) return
  const ledger = ledgerOf(row)
  const most = Math.max(ledger[kind][place] ?? 0, count)
  const next = { ...ledger, [kind]: { ...ledger[kind], [place]: most } }
  state.db
    .prepare('update purges set erased = ? where connection_id = ?')
    .run(JSON.stringify(next), connectionId)
}

/** Kinds that were added later are missing from older ledgers. */
const ledgerOf = (row: Row): Ledger => ({
  ...emptyLedger,
  ...(JSON.parse(row.erased) as Partial<Ledger>),
})

function erasedOf(ledger: Ledger): Erased {
  const sum = (kind: ErasedKind) => Object.values(ledger[kind]).reduce((a, b) => a + b, 0)
  return {
    secrets: sum('secrets'),
    pages: sum('pages'),
    segments: Object.keys(ledger.pages).length,
    rows: ledger.rows,
    generations: sum('generations'),
    exports: sum('exports'),
    checkpoints: sum('checkpoints'),
  }
}

/** Erases what the state store itself knows of the connection, but for its id. */
export function eraseFromState(state: State, connectionId: string): void {
  state.transaction(() => {
    const { changes } = state.db
      .prepare('delete from checkpoints where connection_id = ?')
      .run(connectionId)
    for (const table of ['run_issues', 'capabilities', 'statement_files'])
      state.db.prepare(`delete from ${table} where connection_id = ?`).run(connectionId)
    state.db
      .prepare("update run_connections set message = '' where connection_id = ?")
      .run(connectionId)
    state.db
      .prepare("update connections set subject = null, label = '', scopes = '' where id = ?")
      .run(connectionId)
    noteErased(state, connectionId, 'checkpoints', 'state', Number(changes))
  })
}

/** Ends a purge: the tombstone stands, the receipt is fixed. */
export function finishPurge(state: State, connectionId: string, at: string): Receipt {
  state.transaction(() => {
    const row = rowOf(state, connectionId)
    if (row === undefined || row.done_at !== null) return
    const proof = receiptBody(row, at)
    const hash = createHash('sha256').update(JSON.stringify(proof)).digest('hex')
    state.db
      .prepare('update purges set done_at = ?, receipt = ? where connection_id = ?')
      .run(at, hash, connectionId)
    setConnectionState(state, connectionId, 'purged', 'its data was erased', at)
    addAudit(state, 'purged', at, connectionId, { receipt: hash })
  })
  // Deleted rows stay readable in the file until it is written anew, and in the log until it is emptied.
  state.db.exec('vacuum; pragma wal_checkpoint(truncate)')
  const receipt = receiptOf(state, connectionId)
  if (receipt === undefined) throw new Error('a purge was finished that was never asked for')
  return receipt
}

/** The receipt of a finished purge. */
export function receiptOf(state: State, connectionId: string): Receipt | undefined {
  const row = rowOf(state, connectionId)
  if (row === undefined || row.done_at === null) return undefined
  return { ...receiptBody(row, row.done_at), hash: row.receipt }
}

const receiptBody = (row: Row, doneAt: string): Omit<Receipt, 'hash'> => ({
  connection: row.connection_id,
  provider: row.provider,
  asked_at: row.asked_at,
  done_at: doneAt,
  erased: erasedOf(ledgerOf(row)),
})
