import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import { FdxError } from '../errors.ts'
import { type Stoppable, stoppable } from './stoppable.ts'

export interface WarehouseOptions {
  readonly file: string
  /** Folder DuckDB may spill to. */
  readonly scratch: string
  /** Default `1GB`. */
  readonly memoryLimit?: string
  /** Default: as many as the machine runs at once. */
  readonly threads?: number
  /** Aborted: statements end soon, with `STOPPED`. */
  readonly signal?: AbortSignal | undefined
}

export type Value = string | number | null

/** The one writable database. Nothing else may open its file while this is open: see `openWarehouse`. */
export interface Warehouse extends Disposable {
  /**
   * Runs every statement of a text. With values: one statement, bound as $1, $2 … Returns how many rows the
   * last one changed.
   */
  run(sql: string, values?: readonly Value[]): Promise<number>
  /** All rows of one query, values as DuckDB prints them in JSON. */
  rows(sql: string, values?: readonly Value[]): Promise<Record<string, unknown>[]>
  /** One schema change: a transaction of its own, and a checkpoint (facts/reliability-security.md 7.5). */
  change(sql: string, then?: () => Promise<unknown>): Promise<void>
  /** `work` in one transaction, rolled back when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>
  /**
   * `work` by one thread. Where several insert, each leaves a row group that is not full, which the next checkpoint
   * writes anew; and DuckDB’s threads wait for each other by asking again and again.
   */
  byOneThread<T>(work: () => Promise<T>): Promise<T>
  /** Copies all tables, views and comments into a new file: only what is there now, no deleted bytes. */
  copyTo(file: string): Promise<void>
}

/**
 * Rows of a batch that fill a row group are written, compressed, while they are inserted, on every processor; the
 * others wait in memory, and go into the write-ahead log first. At DuckDB's own 122,880 rows most of a batch waits.
 * Texts are compressed in one way since storage version 1.3, not tried in two; an older file gets the version with
 * its next checkpoint. Any DuckDB from 1.5 on reads it (docs/connect/duckdb-cli.md).
 */
const storage = `(row_group_size 16384, storage_version 'v1.5.0')`

/** Text of a file below `sql/`. */
export const sqlText = (path: string) =>
  readFileSync(new URL(`../../sql/${path}`, import.meta.url), 'utf8')

/**
 * Opens the warehouse the way that survives every crash: an instance in memory, the file attached. DuckDB's
 * lock on the file is an fcntl lock, which the kernel drops as soon as this process closes the file by any
 * other way (facts/sql-endpoint.md 5): dispose first, copy then.
 * @throws FdxError `WAREHOUSE_BUSY` when another process has it open, `LOAD_FAILED` when it can't be opened.
 */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 })
  mkdirSync(options.scratch, { recursive: true, mode: 0o700 })
  const threads = options.threads ?? availableParallelism()
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: options.memoryLimit ?? '1GB',
    temp_directory: options.scratch,
    preserve_insertion_order: 'false',
  })
  let connection: DuckDBConnection | undefined
  const close = () => {
    connection?.closeSync()
    instance.closeSync()
  }
  try {
    connection = await instance.connect()
    await connection.run(`attach ${quoted(options.file)} as lake ${storage}`)
    await connection.run(`use lake; set TimeZone = 'UTC'; set wal_autocheckpoint = '1MB'`)
  } catch (error) {
    close()
    throw openError(error, options.file)
  }
  const stop = stoppable(connection, options.signal)
  const { run, rows } = queries(connection, stop)
  const writable = connection
  const transaction = async <T>(work: () => Promise<T>): Promise<T> => {
    await run('begin')
    try {
      const result = await work()
      await run('commit')
      return result
    } catch (error) {
      await writable.run('rollback').catch(() => {})
      throw error
    }
  }
  const byOneThread = async <T>(work: () => Promise<T>): Promise<T> => {
    await run('set threads = 1')
    try {
      return await work()
    } finally {
      await writable.run(`set threads = ${threads}`).catch(() => {})
    }
  }
  const change = async (sql: string, then?: () => Promise<unknown>) => {
    await transaction(async () => {
      await run(sql)
      await then?.()
    })
    await run('checkpoint lake')
  }
  const copyTo = async (file: string) => {
    await run(`attach ${quoted(file)} as fresh ${storage}`)
    await run('copy from database lake to fresh')
    await run('checkpoint fresh')
    await run('detach fresh')
  }
  const dispose = () => {
    stop[Symbol.dispose]()
    close()
  }
  return { run, rows, transaction, byOneThread, change, copyTo, [Symbol.dispose]: dispose }
}

function queries(
  connection: DuckDBConnection,
  { guard }: Stoppable,
): Pick<Warehouse, 'run' | 'rows'> {
  return {
    async run(sql, values) {
      const result = await guard(() =>
        values === undefined ? connection.run(sql) : connection.run(sql, [...values]),
      )
      return result.rowsChanged
    },
    async rows(sql, values) {
      const reader = await guard(() =>
        values === undefined
          ? connection.runAndReadAll(sql)
          : connection.runAndReadAll(sql, [...values]),
      )
      return reader.getRowObjectsJson()
    },
  }
}

/** ATTACH takes no parameter, so the path is quoted here and nowhere else. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

function openError(error: unknown, file: string): FdxError {
  const busy = error instanceof Error && /could not set lock|conflicting lock/i.test(error.message)
  if (busy)
    return new FdxError(
      'WAREHOUSE_BUSY',
      'another process has the warehouse open; wait for it, or stop it, and run the load again',
      { cause: error },
    )
  const wal = existsSync(`${file}.wal`) ? ' and its .wal' : ''
  return new FdxError(
    'LOAD_FAILED',
    `the warehouse could not be opened; run fdx replay: every table is rebuilt from the landed pages, and the file${wal} kept beside`,
    { cause: error },
  )
}
