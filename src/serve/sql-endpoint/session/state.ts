import type { RoleLimits, SqlRole } from '../../../config/serve.ts'
import type { Engine, EngineConnection } from '../engine/engine.ts'
import type { Caller } from '../engine/query.ts'
import type { Lane } from '../gate/lane.ts'
import type { RewriteSession } from '../rewrite/rewrite.ts'
import type { Word } from '../sql-text.ts'
import type { Column } from '../values/column.ts'
import type { Format } from '../values/encoders.ts'
import type { Parameter } from '../values/parameters.ts'
import type { Batch } from '../values/rows.ts'
import type { TransactionStatus, Writer } from '../wire/writer.ts'
import type { Ahead } from './read-ahead.ts'
import type { Settings } from './settings.ts'

/** A statement as the client wrote it: named, or the unnamed one. */
export interface Prepared {
  readonly sql: string
  readonly words: readonly Word[]
  /** OIDs that the client declared; 0 where it left one open. */
  readonly declared: readonly number[]
  readonly preparedAt: Date
  readonly work: Work
}

/** What a statement does. */
export type Work =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'query'
      readonly sql: string
      readonly words: readonly Word[]
      readonly explain?: Explain
    }
  | { readonly kind: 'local'; readonly local: Local }
  | { readonly kind: 'copy'; readonly copy: Copy }

/** EXPLAIN, as DuckDB is asked for it. */
export interface Explain {
  readonly prefix: string
}

/** A statement that the session answers itself. */
export interface Local {
  /** Columns of its result, all text; none when it has no result. */
  columns?(session: Session): readonly Column[] | Promise<readonly Column[]>
  /** Works in a failed transaction too: COMMIT, ROLLBACK. */
  readonly always?: true
  /** Does it, and returns the command tag. */
  run(session: Session, sink: Sink): Promise<string>
}

/** Where rows of a local statement go. */
export interface Sink {
  rows(rows: readonly (readonly (string | null)[])[]): void
  /** Rows of a portal, FETCH: encoded already. */
  raw(messages: Buffer): Promise<void>
  readonly formats: readonly Format[]
}

export interface Copy {
  readonly query: { readonly sql: string; readonly words: readonly Word[] }
  readonly format: 'text' | 'csv' | 'binary'
  readonly delimiter: string
  readonly nullText: string
  readonly header: boolean
  readonly quote: string
  readonly escape: string
  readonly forceQuote: 'all' | readonly string[]
}

/**
 * How a query's rows are taken from DuckDB: as they are made; all at once, for few; or through a temporary table, for a
 * UNION of any size (`spool.ts`).
 */
export type Delivery = 'streamed' | 'gathered' | 'spooled'

/** A query that has been checked and planned against one generation. */
export interface Query {
  readonly engine: Engine
  /** What DuckDB runs. */
  readonly sql: string
  /** DuckDB's positions hold for the client's text. */
  readonly positioned: boolean
  readonly catalogue: boolean
  readonly lane: Lane
  readonly delivery: Delivery
  readonly relations: readonly string[]
  readonly columns: readonly Column[]
  readonly parameters: readonly Parameter[]
  readonly explain: boolean
}

/** A bound statement: an extended-protocol portal, or a cursor. */
export interface Portal {
  readonly name: string
  readonly statement: Prepared
  /** Set by Bind; of a cursor by its first FETCH. */
  formats: readonly Format[]
  readonly values: readonly (string | null)[]
  readonly query: Query | undefined
  /** Cursor WITH HOLD: survives its transaction. */
  readonly hold: boolean
  readonly cursor?: {
    readonly sql: string
    readonly createdAt: Date
    readonly scroll: boolean
    readonly binary: boolean
  }
  /** Lets go of the generation that its query reads. */
  release: () => void
  /** Made in the transaction that is open. */
  fresh: boolean
  connection: EngineConnection | undefined
  /** Where its rows come from, while it is open. */
  ahead: Ahead | undefined
  batch: Batch | undefined
  offset: number
  sent: number
  state: 'ready' | 'open' | 'done'
}

/** Everything that one client's session has. */
export interface Session {
  readonly pid: number
  readonly user: string
  readonly role: SqlRole
  readonly limits: RoleLimits
  readonly writer: Writer
  readonly settings: Settings
  readonly statements: Map<string, Prepared>
  readonly portals: Map<string, Portal>
  readonly rewriteSession: RewriteSession
  readonly call: Caller
  status: TransactionStatus
  savepoints: string[]
  /** The generation that the transaction reads, or the statement outside of one, and how to let go of it. */
  pinned: { readonly engine: Engine; readonly release: () => void } | undefined
  /** The pinned generation; pins the current one when there is none. @throws PgError 57P03 when it can't be opened. */
  engine(): Promise<Engine>
  /** Aborted when the running statement has to stop. */
  abandon(): AbortSignal
}
