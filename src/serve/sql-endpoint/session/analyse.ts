import { DuckDBVarCharType } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import {
  applySettings,
  database,
  type Engine,
  type EngineConnection,
  settingsKey,
} from '../engine/engine.ts'
import { columnsOf, parametersOf, plan } from '../engine/query.ts'
import { gate, type Passed } from '../gate/gate.ts'
import type { Lane } from '../gate/lane.ts'
import type { Json } from '../gate/tree.ts'
import { PgError } from '../pg-error.ts'
import { columnNames, named } from '../rewrite/column-names.ts'
import { type Rewritten, rewrite } from '../rewrite/rewrite.ts'
import { wordsOf } from '../sql-text.ts'
import { declaredName, type Parameter, parameterOf, parameterSql } from '../values/parameters.ts'
import { firstString } from '../values/text-strings.ts'
import { columnOf } from '../values/types.ts'
import { schemasOf } from './settings.ts'
import type { Delivery, Query, Session } from './state.ts'

/** Longest text of a statement whose check is kept. */
const longestKept = 20_000
const keptQueries = 2_000

/** What was checked and planned once holds for the whole generation. */
const queries = new WeakMap<Engine, Map<string, Query>>()

const parseTree = 'select json_serialize_sql(cast($1 as varchar))'

/** What of a session's settings DuckDB has to know. */
interface Place {
  readonly engine: Engine
  readonly path: string
  readonly schemas: readonly string[]
  readonly timeZone: string
  readonly key: string
}

/** Found again for every statement, and seldom another. */
const places = new WeakMap<Session, Place>()

function placeOf(session: Session, engine: Engine): Place {
  const path = session.settings.get('search_path') ?? ''
  const timeZone = session.settings.get('timezone') ?? 'UTC'
  const last = places.get(session)
  if (last?.engine === engine && last.path === path && last.timeZone === timeZone) return last
  const schemas = schemasOf(path, engine.policy.schemas)
  const place = { engine, path, schemas, timeZone, key: settingsKey(schemas, timeZone) }
  places.set(session, place)
  return place
}

/** Leases a connection of the engine, with the session's settings in place. */
export async function lease(session: Session, engine: Engine): Promise<EngineConnection> {
  const { schemas, timeZone, key } = placeOf(session, engine)
  const connection = await engine.lease(key)
  if (connection.applied === key) return connection
  try {
    await session.call(connection, 'light', null, () =>
      applySettings(connection, schemas, timeZone),
    )
    return connection
  } catch (error) {
    engine.release(connection)
    throw error
  }
}

/**
 * Checks a query against the gate and plans it, or takes what was found before for the same text.
 * @param declared OIDs of parameters that the client gave
 * @param explainPrefix such as `EXPLAIN ANALYZE`: what is explained passes the gate, then the whole is run
 */
export async function analyse(
  session: Session,
  text: string,
  declared: readonly number[],
  explainPrefix = '',
): Promise<Query> {
  const engine = await session.engine()
  const rewritten = rewrite(text, session.rewriteSession)
  const key = `${placeOf(session, engine).key}\0${declared.join()}\0${explainPrefix}\0${text}\0${rewritten.changed ? rewritten.sql : ''}`
  const known = queries.get(engine) ?? new Map<string, Query>()
  queries.set(engine, known)
  const found = known.get(key)
  if (found !== undefined) {
    known.delete(key)
    known.set(key, found)
    return found
  }
  const connection = await lease(session, engine)
  try {
    const query = await find(
      session,
      engine,
      connection,
      { text, ...rewritten },
      declared,
      explainPrefix,
    )
    if (key.length <= longestKept) known.set(key, query)
    if (known.size > keptQueries) known.delete(known.keys().next().value ?? '')
    return query
  } finally {
    engine.release(connection)
  }
}

async function find(
  session: Session,
  engine: Engine,
  connection: EngineConnection,
  { text, sql, changed, catalogue }: Rewritten & { readonly text: string },
  declared: readonly number[],
  explainPrefix: string,
): Promise<Query> {
  const explain = explainPrefix !== ''
  const positioned = !changed && !explain
  const passed = await check(session, engine, connection, sql, positioned ? text : null)
  // DuckDB works out what is constant while it plans.
  const { lane } = passed
  const typed = await typeParameters(session, connection, lane, sql, declared, positioned)
  const own = positioned && typed.sql === text
  const columns = explain
    ? [columnOf('QUERY PLAN', DuckDBVarCharType.instance)]
    : await session.call(connection, lane, own ? text : null, async () =>
        columnsOf(await plan(connection, typed.sql), catalogue),
      )
  return {
    engine,
    sql: explain ? `${explainPrefix} ${typed.sql}` : typed.sql,
    positioned: own,
    catalogue,
    lane: explain ? 'heavy' : lane,
    delivery: explain ? 'gathered' : deliveryOf(passed, engine.unions.test(sql)),
    relations: passed.relations,
    columns: explain ? columns : named(columns, columnNames(text)),
    parameters: typed.parameters,
    explain,
  }
}

/** Most rows that are held in memory at once, beside what the role's queries may take. */
const fewRows = 10_000

function deliveryOf({ single, outermost }: Passed, union: boolean): Delivery {
  if (single) return 'gathered'
  if (!union || outermost.grouped) return 'streamed'
  return outermost.limit <= fewRows ? 'gathered' : 'spooled'
}

async function check(
  session: Session,
  engine: Engine,
  connection: EngineConnection,
  sql: string,
  positioned: string | null,
): Promise<Passed> {
  const json = await session.call(connection, 'light', null, async () => {
    const prepared = await plan(connection, parseTree)
    duckdb.bind_value(prepared, 1, duckdb.create_varchar(sql))
    const result = await duckdb.execute_prepared_streaming(prepared)
    const chunk = await duckdb.fetch_chunk(result)
    return chunk === null ? '' : firstString(duckdb.data_chunk_get_vector(chunk, 0))
  })
  try {
    return gate(JSON.parse(json) as Json, {
      policy: engine.policy,
      database,
      schemas: placeOf(session, engine).schemas,
      catalogue: engine.catalogue,
    })
  } catch (error) {
    // DuckDB counts bytes; after a rewrite its places are not the client's.
    if (!(error instanceof PgError) || error.position === undefined) throw error
    const { state, message, hint } = error
    const at =
      positioned === null
        ? undefined
        : Array.from(
            Buffer.from(sql)
              .subarray(0, error.position - 1)
              .toString(),
          ).length + 1
    throw new PgError(state, message, {
      ...(hint === undefined ? {} : { hint }),
      ...(at === undefined ? {} : { position: at }),
    })
  }
}

/** Wraps every `$n` in a cast, so that DuckDB never has to guess, or plan anew for a value. */
async function typeParameters(
  session: Session,
  connection: EngineConnection,
  lane: Lane,
  sql: string,
  declared: readonly number[],
  positioned: boolean,
): Promise<{ readonly sql: string; readonly parameters: readonly Parameter[] }> {
  const places = sql.includes('$') ? wordsOf(sql).filter(({ kind }) => kind === 'parameter') : []
  const count = Math.max(declared.length, 0, ...places.map(({ text }) => Number(text.slice(1))))
  if (count === 0) return { sql, parameters: [] }
  if (count > 65_535) throw new PgError('54000', 'too many parameters')
  for (const { text } of places)
    if (text === '$0') throw new PgError('42P02', 'there is no parameter $0')
  const wrap = (sqlOf: (n: number) => string | undefined) => {
    let out = ''
    let end = 0
    for (const { text, start, end: wordEnd } of places) {
      out += sql.slice(end, start) + (sqlOf(Number(text.slice(1))) ?? text)
      end = wordEnd
    }
    return out + sql.slice(end)
  }
  // DuckDB wants them without gaps.
  const order = [...new Set(places.map(({ text }) => Number(text.slice(1))))].sort((a, b) => a - b)
  const early = (n: number) => {
    const name =
      declared[n - 1] === undefined || declared[n - 1] === 1700
        ? undefined
        : declaredName(declared[n - 1] ?? 0, undefined)
    const place = order.indexOf(n) + 1
    return name === undefined ? `$${place}` : `CAST($${place} AS ${name})`
  }
  const inferred = order.every((n) => early(n).startsWith('CAST'))
    ? []
    : await session.call(connection, lane, positioned ? sql : null, async () =>
        parametersOf(await plan(connection, wrap(early))),
      )
  const parameters = Array.from({ length: count }, (_, index) => {
    const at = order.indexOf(index + 1)
    return {
      ...parameterOf(declared[index] ?? 0, at < 0 ? undefined : inferred[at]),
      place: at + 1,
    }
  })
  return {
    sql: wrap((n) => {
      const parameter = parameters[n - 1]
      return parameter && parameterSql(parameter)
    }),
    parameters,
  }
}
