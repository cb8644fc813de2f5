import duckdb from '@duckdb/node-bindings'
import type { EngineConnection } from '../engine/engine.ts'
import {
  batchesOf,
  columnsOf,
  plan,
  spool,
  spoolFailure,
  streamFailure,
  unspool,
} from '../engine/query.ts'
import { PgError } from '../pg-error.ts'
import { bind } from '../values/parameters.ts'
import type { Batch } from '../values/rows.ts'
import { lease } from './analyse.ts'
import { explainBatch } from './explain.ts'
import { readAhead } from './read-ahead.ts'
import type { Portal, Query, Session } from './state.ts'

/** About so many bytes are encoded at once. */
const sliceBytes = 1_000_000

/** What is done with each slice of a portal's rows. */
export type Encode = (batch: Batch, from: number, to: number) => Buffer

export const asDataRows: Encode = (batch, from, to) => batch.messages('D', from, to)

/** Starts the portal's query. Its connection is its own until it ends: two results on one would end each other. */
async function open(session: Session, portal: Portal, early: boolean): Promise<void> {
  const { query } = portal
  if (query === undefined)
    throw new PgError('XX000', 'a statement without rows was opened as a query')
  portal.state = 'done' // whatever fails now leaves nothing to go on with
  const connection = await lease(session, query.engine)
  portal.connection = connection
  // DuckDB counts its positions in what fills the spool.
  const positioned = query.positioned && query.delivery !== 'spooled' ? portal.statement.sql : null
  const { lane } = query
  const gathered = query.delivery === 'gathered'
  const next = await session.call(connection, lane, positioned, async (abandon) => {
    const { columns, result, failure } = await run(connection, query, portal.values, abandon)
    const maxValue = session.limits.valueMegabytes * 1_048_576
    return batchesOf(result, columns, portal.formats, { gathered, early, maxValue, failure })
  })
  const fetch = gathered
    ? next
    : (abandon: AbortSignal) => session.call(connection, lane, positioned, next, abandon)
  portal.ahead = readAhead(
    query.explain ? explainBatch(fetch) : fetch,
    session.limits.statementSeconds * 1_000,
  )
  portal.state = 'open'
}

async function run(
  connection: EngineConnection,
  query: Query,
  values: Portal['values'],
  abandon: AbortSignal,
) {
  const bindTo = (prepared: duckdb.PreparedStatement) => {
    query.parameters.forEach((parameter, index) => {
      bind(prepared, parameter, values[index] ?? null)
    })
  }
  const { columns, delivery } = query
  if (delivery === 'spooled')
    return {
      columns,
      result: await spool(connection, query.sql, columns, bindTo),
      failure: spoolFailure,
    }
  const prepared = await plan(connection, query.sql)
  abandon.throwIfAborted()
  bindTo(prepared)
  return {
    columns: query.explain ? columnsOf(prepared, false) : columns,
    result:
      delivery === 'gathered'
        ? await duckdb.execute_prepared(prepared)
        : await duckdb.execute_prepared_streaming(prepared),
    failure: () => streamFailure(connection, query.sql, columns, bindTo),
  }
}

/** The next rows of the portal, asking for those after them meanwhile. */
async function advance(session: Session, portal: Portal): Promise<void> {
  const batch = (await portal.ahead?.next(session.abandon())) ?? null
  portal.offset = 0
  portal.batch = batch ?? undefined
  if (batch === null) portal.state = 'done'
}

/**
 * Sends up to `most` rows of the portal (0: all). Returns how many, and whether there may be more.
 * @throws PgError 53400 beyond the role's limit of rows
 */
export async function send(
  session: Session,
  portal: Portal,
  most: number,
  encode: Encode,
  put: (messages: Buffer) => Promise<void>,
): Promise<{ readonly rows: number; readonly more: boolean }> {
  let rows = 0
  try {
    if (portal.state === 'ready') await open(session, portal, most > 0)
    while (portal.state === 'open') {
      if (portal.batch === undefined || portal.offset >= portal.batch.rows) {
        await advance(session, portal)
        continue
      }
      // Looked for above: a portal that has just ended is not suspended.
      if (most > 0 && rows >= most) break
      const { batch, offset } = portal
      const wanted = most > 0 ? Math.min(batch.rows, offset + most - rows) : batch.rows
      const end = batch.endOf(offset, wanted, sliceBytes)
      portal.sent += end - offset
      if (session.limits.rows > 0 && portal.sent > session.limits.rows)
        throw tooMany(session.limits.rows)
      const messages = encode(batch, offset, end)
      portal.offset = end
      rows += end - offset
      await put(messages)
      session.abandon().throwIfAborted()
    }
  } catch (error) {
    portal.state = 'done'
    await settle(portal)
    throw error
  }
  const more = portal.state === 'open'
  if (!more) await settle(portal)
  return { rows, more }
}

const tooMany = (limit: number) =>
  new PgError('53400', `the result has more rows than the limit of ${limit}`, {
    hint: 'Add LIMIT or aggregate, or raise rows of the role in pipelines/serve/serve.yaml.',
  })

/** Gives the portal's connection back, when a call under way has returned: nobody else may use it before. */
async function settle(portal: Portal): Promise<void> {
  const { connection, ahead, query } = portal
  portal.ahead = undefined
  portal.batch = undefined
  portal.connection = undefined
  if (connection === undefined || query === undefined) return
  await ahead?.stop()
  if (connection.busy) void connection.busy.then(() => giveBack(query, connection))
  else await giveBack(query, connection)
}

async function giveBack({ delivery, engine }: Query, connection: EngineConnection): Promise<void> {
  // What fails here is made good by the next that is spooled on the connection.
  if (delivery === 'spooled') await unspool(connection).catch(() => {})
  engine.release(connection)
}

export async function close(session: Session, name: string): Promise<void> {
  const portal = session.portals.get(name)
  if (portal === undefined) return
  session.portals.delete(name)
  portal.state = 'done'
  await settle(portal)
  portal.release()
}

/** At the end of a transaction portals go, but for cursors WITH HOLD of one that ended well. */
export async function closeOfTransaction(
  session: Session,
  ended: 'commit' | 'rollback',
): Promise<void> {
  session.pinned?.release()
  session.pinned = undefined
  for (const [name, portal] of [...session.portals]) {
    if (portal.hold && (ended === 'commit' || !portal.fresh)) portal.fresh = false
    else await close(session, name)
  }
}
