import { DuckDBLogicalType, type DuckDBType } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { emptySpool, fillSpool, readSpool } from '../../spool.ts'
import type { Lane } from '../gate/lane.ts'
import { PgError } from '../pg-error.ts'
import type { Column } from '../values/column.ts'
import { encoderOf, type Format } from '../values/encoders.ts'
import { type Batch, batchOf } from '../values/rows.ts'
import { columnOf } from '../values/types.ts'
import type { Admission } from './admission.ts'
import type { Engine, EngineConnection } from './engine.ts'
import { isBroken, isInterrupt, toPgError } from './engine-error.ts'

/**
 * How one session calls DuckDB: each call takes a turn, can be stopped, and fails as PostgreSQL would. `sql` is what was
 * run, for positions; null where it differs from what the client sent. `abandon` stops it; the statement's own by default.
 * DuckDB looks at an interrupt between vectors only: a call that is deep in one of them is answered for without it, and
 * keeps its thread and its connection (`EngineConnection.busy`) until it returns.
 */
export type Caller = <T>(
  connection: EngineConnection,
  lane: Lane,
  sql: string | null,
  call: (abandon: AbortSignal) => Promise<T>,
  abandon?: AbortSignal,
) => Promise<T>

/** How long DuckDB is given to notice that it was told to stop, before it is told again. */
const remindMs = 50
/** How long until the client is answered without it. */
const patienceMs = 250

export function openCaller(
  admission: Admission,
  engine: () => Engine | undefined,
  signal: () => AbortSignal,
): Caller {
  return async (connection, lane, sql, call, abandon = signal()) => {
    let reminder: NodeJS.Timeout | undefined
    const interrupt = () => {
      duckdb.interrupt(connection.raw)
      reminder ??= setInterval(() => duckdb.interrupt(connection.raw), remindMs)
    }
    const used = engine()
    const called = admission.run(lane, abandon, async () => {
      abandon.addEventListener('abort', interrupt)
      try {
        const result = await call(abandon)
        // A stream that is interrupted looks like one that has ended.
        abandon.throwIfAborted()
        return result
      } catch (error) {
        if (used !== undefined && isBroken(error)) used.broken = true
        throw error
      } finally {
        abandon.removeEventListener('abort', interrupt)
        clearInterval(reminder)
      }
    })
    const returned = () => {
      connection.busy = undefined
    }
    connection.busy = called.then(returned, returned)
    const patience = Promise.withResolvers<never>()
    let late: NodeJS.Timeout | undefined
    const onAbort = () => {
      late = setTimeout(() => patience.reject(abandon.reason), patienceMs)
    }
    abandon.addEventListener('abort', onAbort)
    try {
      return await Promise.race([called, patience.promise])
    } catch (error) {
      if (abandon.aborted && (isInterrupt(error) || error === abandon.reason)) throw abandon.reason
      throw toPgError(error, sql !== null, sql ?? '')
    } finally {
      abandon.removeEventListener('abort', onAbort)
      clearTimeout(late)
    }
  }
}

const keptStatements = 64

/** Plans `sql`, or takes the plan that the connection already has. */
export async function plan(
  connection: EngineConnection,
  sql: string,
): Promise<duckdb.PreparedStatement> {
  let prepared = connection.prepared.get(sql)
  if (prepared === undefined) prepared = await duckdb.prepare(connection.raw, sql)
  else connection.prepared.delete(sql)
  connection.prepared.set(sql, prepared) // the one used last is the last to go
  if (connection.prepared.size > keptStatements) {
    const [oldest] = connection.prepared
    if (oldest) {
      connection.prepared.delete(oldest[0])
      duckdb.destroy_prepare_sync(oldest[1])
    }
  }
  return prepared
}

/** The columns of a planned statement. @throws PgError 42P18 while a parameter leaves one open */
export function columnsOf(prepared: duckdb.PreparedStatement, catalogue: boolean): Column[] {
  const count = duckdb.prepared_statement_column_count(prepared)
  return Array.from({ length: count }, (_, index) => {
    if (duckdb.prepared_statement_column_type(prepared, index) === duckdb.Type.INVALID)
      throw new PgError('42P18', 'could not determine the data type of a result column', {
        hint: 'Cast the parameters: $1::integer.',
      })
    return columnOf(
      duckdb.prepared_statement_column_name(prepared, index),
      typeOf(duckdb.prepared_statement_column_logical_type(prepared, index)),
      catalogue,
    )
  })
}

/** DuckDB's type of each parameter; undefined where it can't tell. */
export function parametersOf(prepared: duckdb.PreparedStatement): (DuckDBType | undefined)[] {
  const unknown = new Set<number>([duckdb.Type.INVALID, duckdb.Type.SQLNULL, duckdb.Type.ANY])
  return Array.from({ length: duckdb.nparams(prepared) }, (_, index) =>
    unknown.has(duckdb.param_type(prepared, index + 1))
      ? undefined
      : typeOf(duckdb.param_logical_type(prepared, index + 1)),
  )
}

const typeOf = (logical: duckdb.LogicalType) => DuckDBLogicalType.create(logical).asType()

/** How a result is read. */
export interface Reading {
  /** It is in memory already: nothing of it has to be waited for. */
  readonly gathered: boolean
  /** As `batchOf` says. */
  readonly early: boolean
  /** Bytes of the largest value that is sent. */
  readonly maxValue: number
  /** Throws the error that a failed stream did not tell. */
  readonly failure: () => Promise<never>
}

/**
 * Gives the rows of a result that has been started, chunk by chunk, and null at the end; it must not be called again before
 * the last call has returned.
 */
export function batchesOf(
  result: duckdb.Result,
  columns: readonly Column[],
  formats: readonly Format[],
  { gathered, early, maxValue, failure }: Reading,
): (abandon: AbortSignal) => Promise<Batch | null> {
  const same =
    duckdb.column_count(result) === columns.length &&
    columns.every(({ type }, index) => duckdb.column_type(result, index) === Number(type.typeId))
  // A client that was told other columns would read nonsense.
  if (!same) throw new PgError('0A000', 'cached plan must not change result type')
  const encoders = columns.map((column, index) => encoderOf(column, formats[index] ?? 0))
  let next = 0
  const streamed = duckdb.result_is_streaming(result)
  const chunks = gathered ? duckdb.result_chunk_count(result) : 0
  const gatheredChunk = () => (next < chunks ? duckdb.result_get_chunk(result, next++) : null)
  return async (abandon) => {
    const chunk = gathered ? gatheredChunk() : await duckdb.fetch_chunk(result)
    if (chunk !== null && duckdb.data_chunk_get_size(chunk) > 0)
      return batchOf(chunk, encoders, maxValue, early)
    abandon.throwIfAborted()
    // A stream that fails ends as one that is over, but no longer counts as a stream (duckdb.h, duckdb_result_is_streaming).
    if (streamed && !duckdb.result_is_streaming(result)) await failure()
    return null
  }
}

/**
 * Runs a query, puts all its rows into the connection's spool and starts to read that.
 */
export async function spool(
  { raw }: EngineConnection,
  sql: string,
  columns: readonly Column[],
  bindTo: BindTo,
): Promise<duckdb.Result> {
  await fill(raw, sql, columns, bindTo)
  const untyped = columns.map(({ type }) => Number(type.typeId) === duckdb.Type.SQLNULL)
  const reading = await duckdb.prepare(raw, readSpool(untyped))
  return duckdb.execute_prepared_streaming(reading)
}

/** Binds the parameters of a statement. */
type BindTo = (prepared: duckdb.PreparedStatement) => void

async function fill(
  raw: duckdb.Connection,
  sql: string,
  columns: readonly Column[],
  bindTo: BindTo,
): Promise<void> {
  const filling = await duckdb.prepare(raw, fillSpool(sql, columns.length))
  try {
    bindTo(filling)
    await duckdb.execute_prepared(filling)
  } finally {
    duckdb.destroy_prepare_sync(filling)
  }
}

const unexplained = () =>
  new PgError('XX000', 'the statement failed while its rows were read; try again')

/** What a spooled query throws when reading it fails. */
export const spoolFailure = async (): Promise<never> => {
  throw unexplained()
}

/**
 * Runs a query whose stream has failed once more, into the spool, for its error.
 * @throws PgError
 */
export async function streamFailure(
  connection: EngineConnection,
  sql: string,
  columns: readonly Column[],
  bindTo: BindTo,
): Promise<never> {
  try {
    await fill(connection.raw, sql, columns, bindTo)
    await unspool(connection)
  } catch (error) {
    if (isInterrupt(error) || isBroken(error)) throw error
    throw toPgError(error, false, '')
  }
  throw unexplained()
}

/** Lets go of what a spooled query left. One that was interrupted may have left nothing. */
export const unspool = async ({ raw }: EngineConnection) => {
  await duckdb.query(raw, emptySpool)
}
