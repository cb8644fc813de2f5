import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { State } from './state.ts'

/** `later`: it is still to be fetched. `kept`: it is on disk. `refused`: the provider does not give it. */
export type FileStatus = 'later' | 'kept' | 'refused'

/** The file of one statement. */
export interface StatementFile {
  readonly connection_id: string
  readonly account_id: string
  readonly statement_id: string
  readonly status: FileStatus
  /** Why it is not kept; empty when it is. */
  readonly code: string
  /** Relative to the files folder; empty until it is kept. */
  readonly file: string
  readonly media_type: string
  readonly bytes: number
  readonly sha256: string
  readonly updated_at: string
}

export const filesFolder = ({ root }: { readonly root: string }): string => join(root, 'files')

/** Notes a statement whose file is wanted; what is known of it stays. */
export function planFile(
  state: State,
  at: Pick<StatementFile, 'connection_id' | 'account_id' | 'statement_id' | 'updated_at'>,
): void {
  state.db
    .prepare(
      `insert or ignore into statement_files (connection_id, account_id, statement_id, status, updated_at)
       values (?, ?, ?, 'later', ?)`,
    )
    .run(at.connection_id, at.account_id, at.statement_id, at.updated_at)
}

/** How long a refusal is believed: what was not there, or came damaged, may come soon. Milliseconds. */
const believedMs = { passing: 3 * 86_400_000, lasting: 30 * 86_400_000 }

/** Statements of an account whose files are still to be fetched. `now` in milliseconds since the epoch. */
export function filesToFetch(
  state: State,
  connectionId: string,
  accountId: string,
  now: number,
): string[] {
  const before = (ms: number) => new Date(now - ms).toISOString()
  return state.db
    .prepare(
      `select statement_id from statement_files
       where connection_id = ? and account_id = ? and (status = 'later' or (status = 'refused'
         and updated_at < case when code in ('NO_DATA', 'NOT_FOUND', 'ANSWER_INVALID') then ? else ? end))
       order by statement_id`,
    )
    .all(connectionId, accountId, before(believedMs.passing), before(believedMs.lasting))
    .map((row) => String(row['statement_id']))
}

export function saveFile(state: State, file: StatementFile): void {
  const columns = Object.keys(file) as (keyof StatementFile)[]
  state.db
    .prepare(
      `insert or replace into statement_files (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    )
    .run(...columns.map((name) => file[name]))
}

/** Erases the files of a connection; returns how many there were. */
export function eraseFiles(folder: string, connectionId: string): number {
  const own = join(folder, connectionId)
  const count = existsSync(own) ? readdirSync(own).length : 0
  rmSync(own, { recursive: true, force: true })
  return count
}
