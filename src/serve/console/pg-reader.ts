import type { ConnectionOptions } from 'node:tls'
import { DatabaseError, Pool } from 'pg'
import Cursor from 'pg-cursor'
import { FdxError } from '../../errors.ts'
import type { Batch, Reader, ReadOptions } from './reader.ts'

/** Where the SQL endpoint is, as one role. */
export interface PgAddress {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** Where the endpoint asks for TLS. */
  readonly ssl?: ConnectionOptions | undefined
}

/** Queries of the console at once, for each role; further ones wait. */
const atOnce = 6
const batchRows = 2_000
const defaultTimeoutMs = 30_000

/** The published tables through the SQL endpoint: one pool for the masked view, one for all. */
export function pgReader(roles: {
  readonly masked: PgAddress
  readonly unmasked: PgAddress
}): Reader & AsyncDisposable {
  const open = (address: PgAddress) => {
    const pool = new Pool({
      ...address,
      max: atOnce,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: 20_000,
      application_name: 'fdx console',
    })
    pool.on('error', () => {}) // an idle session was closed: the endpoint has been restarted
    // A session that is in use has no listener of the pool's, and an `error` that nobody hears ends the process. Whoever
    // uses it learns of its end by the query.
    pool.on('connect', (client) => client.on('error', () => {}))
    return pool
  }
  const pools = { masked: open(roles.masked), unmasked: open(roles.unmasked) }
  return {
    read: (sql, values = [], options = {}) =>
      readFrom(options.unmasked ? pools.unmasked : pools.masked, sql, values, options),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([pools.masked.end(), pools.unmasked.end()])
    },
  }
}

async function* readFrom(
  pool: Pool,
  sql: string,
  values: readonly string[],
  options: ReadOptions,
): AsyncGenerator<Batch> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs)
  const stop = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout
  const client = await pool.connect().catch((cause: unknown) => {
    throw cause instanceof DatabaseError ? queryError(cause) : notThere(cause)
  })
  let released = false
  const release = (destroy: boolean) => {
    if (!released) client.release(destroy)
    released = true
  }
  // Closing the socket is the surest cancel: the endpoint ends a query whose client is gone.
  const end = () => release(true)
  stop.addEventListener('abort', end)
  try {
    stop.throwIfAborted()
    const cursor = client.query(new Cursor(sql, [...values], { rowMode: 'array', types: asText }))
    for (let first = true; ; first = false) {
      const [rows, columns] = await nextRows(cursor, stop)
      if (first || rows.length > 0) yield { columns, rows }
      if (rows.length < batchRows) break
    }
    await cursor.close()
    release(false)
  } catch (error) {
    if (stop.aborted) throw stopped(timeout.aborted, options)
    if (error instanceof DatabaseError) throw queryError(error)
    throw error instanceof FdxError ? error : notThere(error)
  } finally {
    stop.removeEventListener('abort', end)
    release(true)
  }
}

/** Every value as the text that the endpoint sent. */
const asText = { getTypeParser: () => (value: unknown) => value }

type Texts = (string | null)[][]

/** The next rows and the columns. A socket that we close ourselves answers nothing: the signal does. */
function nextRows(cursor: Cursor, stop: AbortSignal): Promise<[Texts, Batch['columns']]> {
  const { promise, resolve, reject } = Promise.withResolvers<[Texts, Batch['columns']]>()
  stop.addEventListener('abort', () => reject(stop.reason), { once: true })
  cursor.read(batchRows, (error, rows, result) => {
    if (error) return reject(error)
    const columns = (result?.fields ?? []).map(({ name, dataTypeID }) => ({
      name,
      type: numberTypes.has(dataTypeID) ? 'NUMERIC' : 'TEXT',
    }))
    resolve([rows as Texts, columns])
  })
  return promise
}

/** int8, int2, int4, float4, float8, numeric (PostgreSQL, pg_type.dat). */
const numberTypes = new Set([20, 21, 23, 700, 701, 1700])

function queryError(error: DatabaseError): FdxError {
  const position = Number(error.position)
  return new FdxError('QUERY_FAILED', [error.message, error.hint].filter(Boolean).join(' · '), {
    facts: {
      ...(error.code !== undefined && { sqlstate: error.code }),
      ...(position > 0 && { position }),
    },
  })
}

const notThere = (cause: unknown): FdxError =>
  new FdxError(
    'QUERY_FAILED',
    'the SQL endpoint does not answer; it is restarted when it dies, so try again in a moment, and see the log of fdx serve',
    { cause },
  )

const stopped = (tooLong: boolean, { timeoutMs = defaultTimeoutMs }: ReadOptions): FdxError =>
  tooLong
    ? new FdxError(
        'STOPPED',
        `it took longer than ${timeoutMs / 1000} s and was ended; ask for less, a shorter time or fewer connections`,
        { facts: { sqlstate: '57014' } },
      )
    : new FdxError('STOPPED', 'the query was cancelled', { facts: { sqlstate: '57014' } })
