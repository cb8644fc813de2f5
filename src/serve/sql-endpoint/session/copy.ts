import { PgError } from '../pg-error.ts'
import { identifier, keyword, stringValue, type Word } from '../sql-text.ts'
import { analyse } from './analyse.ts'
import { copyEncoder } from './copy-text.ts'
import { makePortal } from './extended.ts'
import { close, type Encode, send } from './portals.ts'
import type { Copy, Prepared, Session } from './state.ts'

/** COPY … TO STDOUT, in its present and its older form (PostgreSQL 15, COPY). @throws PgError for every other COPY */
export function copyOf(sql: string, words: readonly Word[]): Copy {
  const to = directionAt(words)
  const direction = keyword(words[to])
  if (direction === 'from')
    throw new PgError('25006', 'cannot execute COPY FROM in a read-only transaction')
  if (direction !== 'to') throw new PgError('42601', 'syntax error in COPY')
  if (keyword(words[to + 1]) !== 'stdout')
    throw new PgError('42501', 'permission denied to COPY to a file', {
      hint: 'COPY … TO STDOUT sends the rows to you; psql’s \\copy writes them to a file of yours.',
    })
  const [first, last] = [words[1], words[to - 1]]
  if (first === undefined || last === undefined) throw new PgError('42601', 'syntax error in COPY')
  return {
    query: { sql: sourceOf(sql, words.slice(1, to)), words },
    ...optionsOf(words.slice(to + 2)),
  }
}

/** Place of the TO or FROM that is in no parenthesis. */
function directionAt(words: readonly Word[]): number {
  let depth = 0
  return words.findIndex((word) => {
    if (word.text === '(') depth++
    if (word.text === ')') depth--
    return depth === 0 && ['to', 'from'].includes(keyword(word))
  })
}

/** `(query)` or `table [(columns)]`. */
function sourceOf(sql: string, words: readonly Word[]): string {
  const [first] = words
  const last = words.at(-1)
  if (first === undefined || last === undefined) throw new PgError('42601', 'syntax error in COPY')
  if (first.text === '(') return sql.slice(first.end, last.start).trim()
  const open = words.findIndex(({ text }) => text === '(')
  const table =
    open < 0 ? sql.slice(first.start, last.end) : sql.slice(first.start, words[open]?.start)
  const columns = open < 0 ? '*' : sql.slice(words[open]?.end, last.start)
  return `select ${columns} from ${table}`
}

function optionsOf(all: readonly Word[]): Omit<Copy, 'query'> {
  const words = keyword(all[0]) === 'with' ? all.slice(1) : all
  const flat = words[0]?.text === '(' ? words.slice(1, -1) : words
  const values = new Map<string, readonly Word[]>()
  for (let at = 0; at < flat.length; ) {
    let name = keyword(flat[at])
    if (flat[at]?.text === ',') {
      at++
      continue
    }
    if (name === '') throw new PgError('42601', `syntax error at or near "${flat[at]?.text ?? ''}"`)
    at++
    if (name === 'force') {
      name = `force_${keyword(flat[at])}`
      at++
    }
    if (['csv', 'binary', 'text'].includes(name)) {
      values.set('format', [flat[at - 1] as Word])
      continue
    }
    if (keyword(flat[at]) === 'as') at++
    const value: Word[] = []
    if (flat[at]?.text === '(') {
      for (at++; at < flat.length && flat[at]?.text !== ')'; at++) value.push(flat[at] as Word)
      at++
    } else if (
      flat[at] !== undefined &&
      flat[at]?.text !== ',' &&
      !(name === 'header' && !/^(true|false|on|off|match|'.*'|\d)$/i.test(flat[at]?.text ?? ''))
    ) {
      value.push(flat[at] as Word)
      at++
    }
    values.set(name, value)
  }
  const text = (name: string, fallback: string) => {
    const [word] = values.get(name) ?? []
    return word === undefined
      ? fallback
      : word.kind === 'string'
        ? stringValue(word)
        : (identifier(word) ?? word.text)
  }
  const known = [
    'format',
    'delimiter',
    'null',
    'header',
    'quote',
    'escape',
    'force_quote',
    'encoding',
    'freeze',
  ]
  for (const name of values.keys())
    if (!known.includes(name)) throw new PgError('42601', `option "${name}" not recognized`)
  const format = text('format', 'text')
  if (format !== 'text' && format !== 'csv' && format !== 'binary')
    throw new PgError('22023', `COPY format "${format}" not recognized`)
  const delimiter = text('delimiter', format === 'csv' ? ',' : '\t')
  const quote = text('quote', '"')
  const escapeBy = text('escape', quote)
  for (const [name, value] of [
    ['delimiter', delimiter],
    ['quote', quote],
    ['escape', escapeBy],
  ] as const)
    if (Buffer.byteLength(value) !== 1)
      throw new PgError('0A000', `COPY ${name} must be a single one-byte character`)
  if (!/^utf-?8$/i.test(text('encoding', 'utf8')))
    throw new PgError('0A000', 'COPY encoding must be UTF8')
  const force = values.get('force_quote')
  return {
    format,
    delimiter,
    nullText: text('null', format === 'csv' ? '' : '\\N'),
    header: values.has('header') && !['false', 'off', '0'].includes(text('header', 'true')),
    quote,
    escape: escapeBy,
    forceQuote:
      force === undefined
        ? []
        : force[0]?.text === '*'
          ? 'all'
          : force.flatMap((word) => identifier(word) ?? []),
  }
}

const signature = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

/** Sends the rows as CopyData. Returns the command tag. */
export async function runCopy(session: Session, copy: Copy, statement: Prepared): Promise<string> {
  const query = await analyse(session, copy.query.sql, [])
  const binary = copy.format === 'binary'
  const { writer } = session
  writer.copyOut(binary, query.columns.length)
  const portal = makePortal(session, {
    name: '\0copy',
    statement,
    formats: query.columns.map(() => (binary ? 1 : 0)),
    values: [],
    query,
  })
  try {
    const text = copyEncoder(copy, query.columns)
    if (copy.format !== 'binary' && copy.header) writer.message('d', text.header())
    // Clients of PostgreSQL expect the head of the binary form in one message with its first row.
    let head: Buffer | undefined = binary ? signature : undefined
    const encode: Encode = (batch, from, to) => {
      if (!binary) return text.rows(batch.messages('D', from, to))
      const messages = batch.messages('d', from, to)
      const first = head
      head = undefined
      return first === undefined ? messages : withHead(first, messages)
    }
    const { rows } = await send(session, portal, 0, encode, async (messages) => {
      writer.raw(messages)
      await writer.drained(session.abandon())
    })
    if (binary) {
      if (head !== undefined) writer.message('d', head)
      writer.message('d', Buffer.from([0xff, 0xff]))
    }
    writer.empty('c')
    return `COPY ${rows}`
  } finally {
    await close(session, portal.name)
  }
}

/** Puts bytes at the front of the first message. */
function withHead(head: Buffer, messages: Buffer): Buffer {
  const length = messages.readInt32BE(1)
  const first = Buffer.alloc(5)
  first.write('d', 'latin1')
  first.writeInt32BE(length + head.length, 1)
  return Buffer.concat([first, head, messages.subarray(5)])
}
