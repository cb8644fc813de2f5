import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { currentFile } from './publish.ts'

export interface Answer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Every value as exact text; NULL as null. */
  readonly rows: readonly (readonly (string | null)[])[]
}

/** A published generation, open for reading. */
export interface Generation extends Disposable {
  readonly name: string
  /** @throws FdxError `QUERY_FAILED` with DuckDB's message: it speaks of the caller's own SQL. */
  query(sql: string): Promise<Answer>
}

export interface OpenOptions {
  /** Default `1GB`. */
  readonly memoryLimit?: string
}

/**
 * Opens the current generation read-only. A query can reach no file, no network and no setting.
 * @throws FdxError `WAREHOUSE_MISSING` when nothing has been published.
 */
export async function openCurrent(
  paths: DataPaths,
  options: OpenOptions = {},
): Promise<Generation> {
  const name = await currentName(paths)
  const instance = await DuckDBInstance.create(join(paths.generations, name), {
    access_mode: 'READ_ONLY',
    memory_limit: options.memoryLimit ?? '1GB',
  })
  const connection = await instance.connect()
  await connection.run(
    `set TimeZone = 'UTC'; set enable_external_access = false; set lock_configuration = true`,
  )
  return {
    name,
    query: async (sql) => {
      try {
        const reader = await connection.runAndReadAll(sql)
        const types = reader.columnTypes()
        return {
          columns: reader
            .columnNames()
            .map((column, at) => ({ name: column, type: String(types[at]) })),
          rows: reader
            .getRows()
            .map((row) => row.map((value) => (value === null ? null : String(value)))),
        }
      } catch (error) {
        throw new FdxError(
          'QUERY_FAILED',
          error instanceof Error ? error.message : 'the query failed',
          { cause: error },
        )
      }
    },
    [Symbol.dispose]: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** File name of the current generation. */
export async function currentName(paths: DataPaths): Promise<string> {
  try {
    const name = (await readFile(currentFile(paths), 'utf8')).trim()
    if (/^\d+\.duckdb$/.test(name)) return name
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  throw new FdxError(
    'WAREHOUSE_MISSING',
    'nothing has been published yet; run fdx run, or npm start, first',
  )
}
