import { PgError } from '../pg-error.ts'
import { identifier, keyword, splitStatements, stringValue, type Word } from '../sql-text.ts'
import { pg } from '../values/types.ts'
import { workOf } from './classify.ts'
import { describeColumns, makePortal } from './extended.ts'
import { asDataRows, close, send } from './portals.ts'
import type { Local, Session } from './state.ts'

/** PREPARE, EXECUTE, DEALLOCATE: the statements are the same as those of Parse. */
export function preparedCommand(words: readonly Word[], sql: string): Local | undefined {
  const first = keyword(words[0])
  if (first === 'prepare') return prepare(words, sql)
  if (first === 'execute') return execute(words)
  if (first === 'deallocate') return deallocate(words)
  return undefined
}

function prepare(words: readonly Word[], sql: string): Local {
  const name = identifier(words[1])
  const as = words.findIndex((word) => keyword(word) === 'as')
  const start = words[as + 1]
  if (name === undefined || as < 0 || start === undefined)
    throw new PgError('42601', 'syntax error in PREPARE', {
      hint: 'PREPARE name [(type, …)] AS query',
    })
  const declared = typeNames(words.slice(2, as))
  const [statement] = splitStatements(sql.slice(start.start))
  if (statement === undefined) throw new PgError('42601', 'syntax error at end of input')
  return {
    async run(session) {
      if (session.statements.has(name))
        throw new PgError('42P05', `prepared statement "${name}" already exists`)
      const prepared = { ...statement, declared, preparedAt: new Date(), work: workOf(statement) }
      await describeColumns(session, prepared)
      session.statements.set(name, prepared)
      return 'PREPARE'
    },
  }
}

const oids: Readonly<Record<string, number>> = {
  bool: pg.bool.oid,
  boolean: pg.bool.oid,
  smallint: pg.int2.oid,
  int2: pg.int2.oid,
  int: pg.int4.oid,
  integer: pg.int4.oid,
  int4: pg.int4.oid,
  bigint: pg.int8.oid,
  int8: pg.int8.oid,
  real: pg.float4.oid,
  float4: pg.float4.oid,
  float8: pg.float8.oid,
  'double precision': pg.float8.oid,
  numeric: pg.numeric.oid,
  decimal: pg.numeric.oid,
  text: pg.text.oid,
  varchar: pg.varchar.oid,
  date: pg.date.oid,
  time: pg.time.oid,
  timestamp: pg.timestamp.oid,
  timestamptz: pg.timestamptz.oid,
  uuid: pg.uuid.oid,
  interval: pg.interval.oid,
  bytea: pg.bytea.oid,
}

/** `(int, text)`; a type that is not known is left to DuckDB. */
function typeNames(words: readonly Word[]): number[] {
  if (words.length === 0) return []
  const names: string[][] = [[]]
  let depth = 0
  for (const word of words.slice(1, -1)) {
    if (word.text === '(') depth++
    else if (word.text === ')') depth--
    else if (depth > 0) continue
    else if (word.text === ',') names.push([])
    else names.at(-1)?.push(word.text.toLowerCase())
  }
  return names.map((name) => oids[name.join(' ')] ?? 0)
}

function execute(words: readonly Word[]): Local {
  const name = identifier(words[1])
  if (name === undefined) throw new PgError('42601', 'syntax error in EXECUTE')
  const values = argumentsOf(words.slice(2))
  const found = (session: Session) => {
    const prepared = session.statements.get(name)
    if (prepared === undefined)
      throw new PgError('26000', `prepared statement "${name}" does not exist`)
    return prepared
  }
  return {
    columns: async (session) => (await describeColumns(session, found(session))).columns ?? [],
    async run(session, sink) {
      const prepared = found(session)
      if (prepared.work.kind === 'local') return prepared.work.local.run(session, sink)
      if (prepared.work.kind !== 'query')
        throw new PgError('0A000', 'this statement cannot be executed by EXECUTE')
      const { query } = await describeColumns(session, prepared)
      const wanted = query?.parameters.length ?? 0
      if (wanted !== values.length)
        throw new PgError('42601', `wrong number of parameters for prepared statement "${name}"`, {
          detail: `Expected ${wanted} parameters but got ${values.length}.`,
        })
      const portal = makePortal(session, {
        name: '\0execute',
        statement: prepared,
        formats: (query?.columns ?? []).map(
          (_, index) => sink.formats[index] ?? sink.formats[0] ?? 0,
        ),
        values,
        query,
      })
      try {
        const { rows } = await send(session, portal, 0, asDataRows, sink.raw)
        return `SELECT ${rows}`
      } finally {
        await close(session, portal.name)
      }
    },
  }
}

/** Constants only, as drivers send them: `(1, 'a', NULL, true, -2.5::numeric)`. */
function argumentsOf(words: readonly Word[]): (string | null)[] {
  if (words.length === 0) return []
  const values: (string | null)[] = []
  let part: Word[] = []
  const finish = () => {
    const cast = part.findIndex(({ text }) => text === '::')
    const [value, number] = cast < 0 ? part : part.slice(0, cast)
    const word = keyword(value)
    if (value === undefined) throw new PgError('42601', 'syntax error in EXECUTE')
    if (word === 'null') values.push(null)
    else if (word === 'true' || word === 'false') values.push(word)
    else if (value.kind === 'string') values.push(stringValue(value))
    else if (value.kind === 'number') values.push(value.text)
    else if (/^[+-]$/.test(value.text) && number?.kind === 'number')
      values.push(value.text + number.text)
    else throw new PgError('0A000', 'EXECUTE takes constants only', { position: value.start + 1 })
    part = []
  }
  for (const word of words.slice(1, -1))
    if (word.text === ',') finish()
    else part.push(word)
  if (part.length > 0) finish()
  return values
}

function deallocate(words: readonly Word[]): Local {
  const at = keyword(words[1]) === 'prepare' && words.length > 2 ? 2 : 1
  const name = identifier(words[at])
  if (name === undefined) throw new PgError('42601', 'syntax error in DEALLOCATE')
  return {
    async run(session) {
      if (keyword(words[at]) === 'all') {
        session.statements.clear()
        return 'DEALLOCATE ALL'
      }
      if (!session.statements.delete(name))
        throw new PgError('26000', `prepared statement "${name}" does not exist`)
      return 'DEALLOCATE'
    },
  }
}
