import { PgError } from '../pg-error.ts'
import { identifier, keyword, splitStatements, type Word } from '../sql-text.ts'
import type { Format } from '../values/encoders.ts'
import { analyse } from './analyse.ts'
import { workOf } from './classify.ts'
import { makePortal } from './extended.ts'
import { asDataRows, close, send } from './portals.ts'
import type { Local, Portal, Prepared, Session } from './state.ts'

/** DECLARE, FETCH, MOVE, CLOSE (PostgreSQL 15, DECLARE and FETCH). */
export function cursorCommand(words: readonly Word[], sql: string): Local | undefined {
  const first = keyword(words[0])
  if (first === 'declare') return declare(words, sql)
  if (first === 'fetch' || first === 'move') return fetch(words, first)
  if (first === 'close') return closeCommand(words)
  return undefined
}

function declare(words: readonly Word[], sql: string): Local {
  const name = identifier(words[1])
  const isFor = words.findIndex((word) => keyword(word) === 'for')
  const start = words[isFor + 1]
  if (name === undefined || isFor < 0 || start === undefined)
    throw new PgError('42601', 'syntax error in DECLARE', {
      hint: 'DECLARE name CURSOR [WITH HOLD] FOR query',
    })
  const options = words.slice(2, isFor).map(keyword)
  const hold = options.some((word, index) => word === 'with' && options[index + 1] === 'hold')
  const scroll = options.some((word, index) => word === 'scroll' && options[index - 1] !== 'no')
  const binary = options.includes('binary')
  const [statement] = splitStatements(sql.slice(start.start))
  if (statement === undefined) throw new PgError('42601', 'syntax error at end of input')
  const work = workOf(statement)
  if (work.kind !== 'query' || work.explain)
    throw new PgError('42601', 'a cursor is declared for a SELECT or VALUES')
  return {
    async run(session) {
      if (session.status === 'I' && !hold)
        throw new PgError('25P01', 'DECLARE CURSOR can only be used in transaction blocks')
      if (session.portals.has(name)) throw new PgError('42P03', `cursor "${name}" already exists`)
      await makeCursor(session, {
        name,
        sql,
        statement: {
          sql: statement.sql,
          words: statement.words,
          declared: [],
          preparedAt: new Date(),
          work,
        },
        hold,
        scroll,
        binary,
      })
      return 'DECLARE CURSOR'
    },
  }
}

/** Most that one session may keep open: each holds a connection of DuckDB. */
const mostPortals = 100

async function makeCursor(
  session: Session,
  given: {
    name: string
    sql: string
    statement: Prepared
    hold: boolean
    scroll: boolean
    binary: boolean
  },
): Promise<void> {
  if (session.portals.size >= mostPortals)
    throw new PgError('53400', `more than ${mostPortals} cursors are open in this session`)
  const { name, sql, statement, hold, scroll, binary } = given
  const query = await analyse(session, statement.sql, [])
  const formats = query.columns.map(() => (binary ? 1 : 0) as Format)
  Object.assign(makePortal(session, { name, statement, formats, values: [], query }), {
    hold,
    cursor: { sql, createdAt: new Date(), scroll, binary },
    fresh: session.status !== 'I',
  } satisfies Partial<Portal>)
}

/** Where a FETCH goes: forward by so many, from the beginning on, or not at all. */
type Move =
  | { readonly kind: 'forward'; readonly count: number }
  | { readonly kind: 'absolute'; readonly at: number }
  | { readonly kind: 'back' }

const all = Number.POSITIVE_INFINITY

function fetch(words: readonly Word[], verb: 'fetch' | 'move'): Local {
  const name = identifier(words.at(-1))
  const middle = words.slice(1, -1).filter((word) => !['from', 'in'].includes(keyword(word)))
  if (name === undefined || words.length < 2)
    throw new PgError('42601', `syntax error in ${verb.toUpperCase()}`)
  const move = moveOf(middle.map(({ text }) => text.toLowerCase()))
  return {
    columns: (session) => portalOf(session, name).query?.columns ?? [],
    async run(session, sink) {
      const portal = portalOf(session, name)
      if (portal.state === 'ready' && sink.formats.length > 0) portal.formats = sink.formats
      const rows = await go(session, portal, move, verb === 'fetch' ? sink.raw : async () => {})
      return `${verb.toUpperCase()} ${rows}`
    },
  }
}

function moveOf(words: readonly string[]): Move {
  const [first = '', ...rest] = words
  const number = (parts: readonly string[]) => {
    const text = parts.join('')
    if (!/^[+-]?\d+$/.test(text))
      throw new PgError('42601', `syntax error at or near "${text || 'end of input'}"`)
    return Number(text)
  }
  const forward = (count: number): Move =>
    count < 0 ? { kind: 'back' } : { kind: 'forward', count }
  if (first === '' || first === 'next') return forward(1)
  if (first === 'all') return forward(all)
  if (first === 'forward')
    return forward(rest.length === 0 ? 1 : rest[0] === 'all' ? all : number(rest))
  if (first === 'first') return { kind: 'absolute', at: 1 }
  if (first === 'absolute') {
    const at = number(rest)
    return at < 0 ? { kind: 'back' } : { kind: 'absolute', at }
  }
  if (first === 'relative') return forward(number(rest))
  if (['prior', 'backward', 'last'].includes(first)) {
    return rest[0] === 'all' && first === 'backward'
      ? { kind: 'absolute', at: 0 }
      : { kind: 'back' }
  }
  return forward(number(words))
}

async function go(
  session: Session,
  cursor: Portal,
  move: Move,
  put: (messages: Buffer) => Promise<void>,
): Promise<number> {
  if (move.kind === 'back') throw onlyForward()
  if (move.kind === 'absolute') {
    // The same query over the same generation, from its start.
    const back = move.at <= cursor.sent && cursor.sent > 0
    const portal = back ? await rewind(session, cursor) : cursor
    const skip = move.at - 1 - portal.sent
    if (skip > 0) await send(session, portal, skip, asDataRows, async () => {})
    if (move.at === 0) return 0
    return (await send(session, portal, 1, asDataRows, put)).rows
  }
  if (move.count === 0) return 0
  return (await send(session, cursor, move.count === all ? 0 : move.count, asDataRows, put)).rows
}

async function rewind(session: Session, portal: Portal): Promise<Portal> {
  if (!portal.cursor?.scroll) throw onlyForward()
  const { name, cursor, fresh, hold } = portal
  await close(session, name)
  return Object.assign(makePortal(session, portal), { cursor, fresh, hold })
}

const onlyForward = () =>
  new PgError('55000', 'cursor can only scan forward', {
    hint: 'Declare it with SCROLL option to go back to its first row; other steps back are not supported.',
  })

function closeCommand(words: readonly Word[]): Local {
  const name = identifier(words[1])
  if (name === undefined) throw new PgError('42601', 'syntax error in CLOSE')
  return {
    async run(session) {
      if (keyword(words[1]) === 'all') {
        for (const { name: one, cursor } of [...session.portals.values()])
          if (cursor) await close(session, one)
        return 'CLOSE CURSOR ALL'
      }
      portalOf(session, name)
      await close(session, name)
      return 'CLOSE CURSOR'
    },
  }
}

function portalOf(session: Session, name: string): Portal {
  const portal = session.portals.get(name)
  if (portal === undefined) throw new PgError('34000', `cursor "${name}" does not exist`)
  return portal
}
