import type { State } from './state.ts'

/**
 * How far a stream of a connection has been read. Written in the same moment as its pages become durable,
 * so a killed run goes on behind the last durable page.
 */
export interface Checkpoint {
  readonly connection_id: string
  /** `customers`, `accounts`, `transactions/<account id>`; for Flinks `detail`. */
  readonly stream: string
  readonly run_id: string
  /** One reading of the stream from its first page to its last, over restarts. */
  readonly pull_id: string
  /** The opaque cursor (or Flinks RequestId) to ask for next. */
  readonly cursor: string | null
  readonly pages: number
  readonly complete: 0 | 1
  /** Window asked for, `YYYY-MM-DD`, where the stream has one. */
  readonly window_start: string | null
  readonly window_end: string | null
  /** End of the last window that was read completely, `YYYY-MM-DD`. */
  readonly good_until: string | null
  readonly updated_at: string
}

export function getCheckpoint(
  state: State,
  connectionId: string,
  stream: string,
): Checkpoint | undefined {
  return state.db
    .prepare('select * from checkpoints where connection_id = ? and stream = ?')
    .get(connectionId, stream) as Checkpoint | undefined
}

export function saveCheckpoint(state: State, checkpoint: Checkpoint): void {
  const columns = Object.keys(checkpoint) as (keyof Checkpoint)[]
  state.db
    .prepare(
      `insert or replace into checkpoints (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    )
    .run(...columns.map((name) => checkpoint[name]))
}

/** Forgets where readings of a connection were cut off: each begins at its start, with the dates it has. */
export function forgetCursors(state: State, connectionId: string): void {
  state.db
    .prepare('update checkpoints set cursor = null where connection_id = ? and cursor is not null')
    .run(connectionId)
}
