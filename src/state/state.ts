import { chmodSync, closeSync, existsSync, fdatasync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { migrations } from './migrations.ts'

const datasync = promisify(fdatasync)

/**
 * What several processes need to know of each other: connections, runs, checkpoints, segments. One SQLite
 * file; every statement is short, and no transaction is open over a network call. No secrets in it.
 */
export interface State extends Disposable {
  readonly db: DatabaseSync
  /**
   * Runs `work` in one immediate transaction, or in the one that is open already; rolls back when it throws.
   * `work` must not await.
   */
  transaction<T>(work: () => T): T
  /**
   * Runs `work` as `transaction` does, and resolves when it is on the disk as well. Waiting for the disk is done
   * outside of this thread, so that whatever else is going on goes on: for records that are many.
   */
  durably<T>(work: () => T): Promise<T>
}

/** Opens (and makes, and brings up to date) the state file, mode 0600. `:memory:` for tests. */
export function openState(file: string): State {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(file, { timeout: 5_000 })
  if (file !== ':memory:' && existsSync(file)) chmodSync(file, 0o600)
  db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on')
  const transaction = <T>(work: () => T): T => {
    if (db.isTransaction) return work() // part of the one that is open
    db.exec('begin immediate')
    try {
      const result = work()
      db.exec('commit')
      return result
    } catch (error) {
      // A full disk has already rolled back; a second rollback would hide the reason.
      if (db.isTransaction) db.exec('rollback')
      throw error
    }
  }
  rememberStatements(db)
  transaction(() => {
    const { user_version: applied } = db.prepare('pragma user_version').get() as {
      user_version: number
    }
    for (const sql of migrations.slice(applied)) db.exec(sql)
    db.exec(`pragma user_version = ${migrations.length}`)
  })
  const flush = flusher(file)
  return {
    db,
    transaction,
    async durably(work) {
      db.exec('pragma synchronous = normal')
      let result: ReturnType<typeof work>
      try {
        result = transaction(work)
      } finally {
        db.exec('pragma synchronous = full')
      }
      await flush()
      return result
    },
    [Symbol.dispose]() {
      db.close()
      flush[Symbol.dispose]()
    },
  }
}

/** Texts with lists in them differ without end; these few are all there are of the others. */
const mostStatements = 500

/**
 * Makes each statement once. Making one takes as long as running it, and leaves memory that the collector of
 * garbage does not see: over 10,000 connections that was tens of megabytes.
 */
function rememberStatements(db: DatabaseSync): void {
  const made = new Map<string, StatementSync>()
  const prepare = db.prepare.bind(db)
  db.prepare = (sql) => {
    const known = made.get(sql)
    if (known) return known
    if (made.size >= mostStatements) made.clear()
    const statement = prepare(sql)
    made.set(sql, statement)
    return statement
  }
}

/**
 * Flushes the write-ahead log, as a commit does by itself under `synchronous = full`; under `normal` SQLite leaves
 * that out (sqlite.org/pragma.html#pragma_synchronous). Calls that come during a flush share the next one. The log
 * is the one file of SQLite's that nobody locks, so opening and closing it takes no lock away.
 */
function flusher(file: string): (() => Promise<void>) & Disposable {
  const log = file === ':memory:' ? undefined : openSync(`${file}-wal`, 'r+')
  let flushing: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  const flush = () => {
    if (log === undefined) return Promise.resolve()
    next ??= flushing.then(() => {
      next = undefined
      const own = datasync(log)
      flushing = own.catch(() => {}) // whoever asked for it is told
      return own
    })
    return next
  }
  return Object.assign(flush, {
    [Symbol.dispose]: () => {
      if (log !== undefined) closeSync(log)
    },
  })
}
