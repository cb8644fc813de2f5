import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBResult,
  SQLNULL,
  StatementType,
} from '@duckdb/node-api'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import type { Role } from './generation-files.ts'
import { leaseCurrent } from './lease.ts'
import { quoteText } from './quote-sql.ts'
import { fillSpool, readSpool, unionPattern } from './spool.ts'

export { currentName, type Role } from './generation-files.ts'

export interface Column {
  readonly name: string
  /** SQL type, such as `DECIMAL(38,9)`. */
  readonly type: string
}

/** Every value as exact text; NULL as null. */
export type Row = readonly (string | null)[]

export interface Answer {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
}

/** An answer that is read as it is made, some two thousand rows at a time. */
export interface Stream {
  readonly columns: readonly Column[]
  readonly rows: AsyncIterable<readonly Row[]>
}

/** A published generation, open for reading. */
export interface Generation extends Disposable {
  /** Name of the generation, the same for all roles. */
  readonly name: string
  readonly role: Role
  /** @throws FdxError `QUERY_FAILED` with DuckDB's message: it speaks of the caller's own SQL. */
  query(sql: string): Promise<Answer>
  /**
   * The same with bounded memory, whatever the number of rows (a UNION's go through `OpenOptions.spill`). One stream at a time.
   * @throws FdxError `QUERY_FAILED`; `STOPPED` when the signal is aborted.
   */
  stream(sql: string, signal?: AbortSignal): Promise<Stream>
}

export interface OpenOptions {
  /** Which file of the generation. Default `owner`. */
  readonly role?: Role
  /** Default `1GB`. */
  readonly memoryLimit?: string
  /** Folder a large query may spill to; without it, it may not. */
  readonly spill?: string
}

/**
 * Opens the current generation read-only, and holds it: it is not removed while it is open. A query can reach
 * no file, no network and no setting, and must be a single SELECT (or EXPLAIN of one).
 * @throws FdxError `WAREHOUSE_MISSING` when nothing has been published.
 */
export async function openCurrent(
  paths: DataPaths,
  options: OpenOptions = {},
): Promise<Generation> {
  const role = options.role ?? 'owner'
  const lease = await leaseCurrent(paths, role)
  const { connection, close } = await openReadOnly(lease.file, options).catch((error: unknown) => {
    lease[Symbol.dispose]()
    throw error
  })
  let unions: RegExp | undefined
  const stream = async (sql: string, signal?: AbortSignal): Promise<Stream> => {
    const stop = () => connection.interrupt()
    signal?.addEventListener('abort', stop, { once: true })
    const failure = (error: unknown) => {
      signal?.removeEventListener('abort', stop)
      return queryError(error, signal)
    }
    try {
      signal?.throwIfAborted()
      const { explain, columns } = await refuseAllButSelect(connection, sql)
      unions ??= await unionPattern(connection)
      const spooled = !explain && unions.test(sql)
      if (spooled) await connection.run(fillSpool(sql, columns.length))
      const result = await connection.stream(
        spooled ? readSpool(columns.map(({ type }) => type === untyped)) : sql,
      )
      const streamed = result.isStreaming
      return {
        columns: explain ? columnsOf(result) : columns,
        rows: (async function* () {
          try {
            for await (const rows of result.yieldRows())
              yield rows.map((row) => row.map((value) => (value === null ? null : String(value))))
            signal?.throwIfAborted()
            // A stream that fails ends as one that is over, but no longer counts as a stream; run again, it tells why.
            if (streamed && !result.isStreaming) {
              if (!spooled) await connection.run(fillSpool(sql, columns.length))
              throw new Error('the query failed while its rows were read; try again')
            }
            signal?.removeEventListener('abort', stop)
          } catch (error) {
            throw failure(error)
          }
        })(),
      }
    } catch (error) {
      throw failure(error)
    }
  }
  return {
    name: lease.generation,
    role,
    stream,
    query: async (sql) => {
      const { columns, rows } = await stream(sql)
      const all: Row[] = []
      for await (const some of rows) for (const row of some) all.push(row)
      return { columns, rows: all }
    },
    [Symbol.dispose]: () => {
      close()
      lease[Symbol.dispose]()
    },
  }
}

/** Opens a file of a generation; from here on only `mayWrite` can be reached besides it. */
export async function openReadOnly(
  file: string,
  options: OpenOptions & { readonly mayWrite?: string },
) {
  const instance = await DuckDBInstance.create(file, {
    access_mode: 'READ_ONLY',
    memory_limit: options.memoryLimit ?? '1GB',
    ...(options.spill === undefined ? {} : { temp_directory: options.spill }),
  })
  const connection = await instance.connect()
  if (options.mayWrite !== undefined)
    await connection.run(`set allowed_paths = [${quoteText(options.mayWrite)}]`)
  await connection.run(
    `set TimeZone = 'UTC'; set enable_external_access = false; set lock_configuration = true`,
  )
  return {
    connection,
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** DuckDB refuses writes to a read-only file, but would still take ATTACH ':memory:', CALL or CREATE TEMP TABLE. */
export async function refuseAllButSelect(
  connection: DuckDBConnection,
  sql: string,
): Promise<{ readonly explain: boolean; readonly columns: readonly Column[] }> {
  const statements = await connection.extractStatements(sql)
  if (statements.count !== 1)
    throw new FdxError('QUERY_FAILED', `one query at a time, please; there are ${statements.count}`)
  const statement = await statements.prepare(0)
  const { statementType } = statement
  const columns = Array.from({ length: statement.columnCount }, (_, at) => ({
    name: statement.columnName(at),
    type: String(statement.columnType(at)),
  }))
  statement.destroySync()
  if (statementType !== StatementType.SELECT && statementType !== StatementType.EXPLAIN)
    throw new FdxError(
      'QUERY_FAILED',
      `${StatementType[statementType]} is not for readers: the data is read-only, only SELECT is answered`,
    )
  return { explain: statementType === StatementType.EXPLAIN, columns }
}

/** Type of a column that is a bare NULL. */
const untyped = String(SQLNULL)

function columnsOf(result: DuckDBResult): Column[] {
  const types = result.columnTypes()
  return result.columnNames().map((name, at) => ({ name, type: String(types[at]) }))
}

export function queryError(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new FdxError('STOPPED', 'the query was cancelled')
  if (error instanceof FdxError) return error
  const message = error instanceof Error ? error.message : 'the query failed'
  return new FdxError('QUERY_FAILED', message, { cause: error })
}
