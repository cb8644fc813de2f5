import type { Mark } from '../page/page.ts'
import { type LoadedEntity, listOf } from './loaded.ts'

export interface Mended {
  /** The line as DuckDB may read it. */
  readonly line: string
  /** Set when the page holds nothing that can be loaded. */
  readonly reason?: 'PAGE_NOT_JSON' | 'PAGE_WITHOUT_LIST' | 'PAGE_FAILED'
  readonly page_id: string
  readonly connection_id: unknown
}

interface Envelope {
  readonly page_id: string
  readonly connection_id?: unknown
  readonly marks: readonly Mark[]
  readonly body: unknown
}

/**
 * The line of a page whose body DuckDB would read wrongly or not at all, mended: long numbers quoted, so
 * that no digit is lost; a bare list or record put into its envelope; lone surrogates and U+0000 replaced.
 * Of duplicate names the last one stays. `undefined` when the line itself is not a page.
 */
export function mendLine(line: Buffer, entity: LoadedEntity): Mended | undefined {
  const page = parse(line.toString('utf8'))
  if (page === undefined) return undefined
  const { body, ...envelope } = page
  const list = listOf[entity]
  const found = page.marks.includes('not_json') ? undefined : listIn(body, list, page.marks)
  const kept = found ?? nothing(entity)
  const reason = page.marks.includes('not_json') ? 'PAGE_NOT_JSON' : 'PAGE_WITHOUT_LIST'
  return {
    line: JSON.stringify({ ...envelope, body: kept }).toWellFormed(),
    page_id: page.page_id,
    connection_id: page.connection_id,
    ...(found === undefined ? { reason } : {}),
  }
}

/** The line of a page that could not be read even so: its envelope, and nothing in it. */
export function emptiedLine(line: string, entity: LoadedEntity): string {
  const page = parse(line)
  return JSON.stringify({ ...page, body: nothing(entity) })
}

/** A body that holds no record. */
function nothing(entity: LoadedEntity): object {
  const list = listOf[entity]
  return list === null ? {} : { [list]: [] }
}

function listIn(body: unknown, list: string | null, marks: readonly Mark[]): unknown {
  if (list === null)
    return typeof body === 'object' && !Array.isArray(body) ? (body ?? undefined) : undefined
  if (Array.isArray(body)) return { [list]: body }
  if (typeof body !== 'object' || body === null) return undefined
  if (marks.includes('bare_record')) return { [list]: [body] }
  const value: unknown = Object.hasOwn(body, list) ? Reflect.get(body, list) : undefined
  if (Array.isArray(value)) return body
  if (typeof value === 'object' && value !== null) return { ...body, [list]: [value] }
  return value === null || value === undefined ? nullList(body, list) : undefined
}

/** `"accounts": null` is an empty list; a body without the member is not a list at all. */
const nullList = (body: object, list: string) =>
  Object.hasOwn(body, list) ? { ...body, [list]: [] } : undefined

function parse(text: string): Envelope | undefined {
  try {
    const page: unknown = JSON.parse(text, exact)
    return typeof page === 'object' &&
      page !== null &&
      'page_id' in page &&
      typeof page.page_id === 'string'
      ? (page as Envelope)
      : undefined
  } catch {
    return undefined
  }
}

/** JSON.parse’s reviver: a number of more than 15 digits becomes a string of its own digits. */
function exact(
  this: unknown,
  _name: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  if (typeof value === 'number') {
    const source = context?.source ?? String(value)
    return source.replace(/[eE].*$/, '').replace(/\D/g, '').length > 15 || !Number.isFinite(value)
      ? source
      : value
  }
  return typeof value === 'string' ? value.replaceAll('\u0000', '').toWellFormed() : value
}
