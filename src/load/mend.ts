import type { Mark } from '../page/page.ts'
import { accountWrappers, added, layouts, transactionNames, transactionWrappers } from './layout.ts'
import { type LoadedEntity, listOf } from './loaded.ts'

export interface Mended {
  /** The body as DuckDB may read it. */
  readonly body: string
  /** Set when the page holds nothing that can be loaded. */
  readonly reason?: 'PAGE_NOT_JSON' | 'PAGE_WITHOUT_LIST' | 'PAGE_UNREADABLE'
}

/**
 * A body that can't be taken as it came, mended: long numbers quoted, so that no digit is lost; a bare list or
 * record put into its envelope; lone surrogates and U+0000 replaced; transactions flat, with what nobody
 * knows of them apart. Of duplicate names the last one stays.
 */
export function mendBody(text: string, entity: LoadedEntity, marks: readonly Mark[]): Mended {
  if (marks.includes('not_json')) return { body: emptyBody(entity), reason: 'PAGE_NOT_JSON' }
  let body: unknown
  try {
    body = JSON.parse(text, exact)
  } catch {
    return { body: emptyBody(entity), reason: 'PAGE_UNREADABLE' }
  }
  const found = inEnvelope(body, listOf[entity], marks)
  if (found === undefined) return { body: emptyBody(entity), reason: 'PAGE_WITHOUT_LIST' }
  return { body: JSON.stringify(inOrder(found, entity)) }
}

/** A body that holds no record. */
export function emptyBody(entity: LoadedEntity): string {
  const list = listOf[entity]
  return list === null ? '{}' : JSON.stringify({ [list]: [] })
}

type JsonObject = Readonly<Record<string, unknown>>

/** Numbers keep the text they came with; TypeScript does not know these yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): object
  isRawJSON(value: unknown): boolean
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value)

/** The member, though it be called `constructor`. */
const member = (object: JsonObject, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined

/** `"accounts": null` is an empty list, one record a list of one; a body without the member is no list at all. */
function inEnvelope(
  body: unknown,
  list: string | null,
  marks: readonly Mark[],
): JsonObject | undefined {
  if (list === null) return body === null ? {} : isObject(body) ? body : undefined
  if (Array.isArray(body)) return { [list]: body }
  if (!isObject(body)) return undefined
  if (marks.includes('bare_record')) return { [list]: [body] }
  const value = member(body, list)
  if (value === undefined) return undefined
  const items = listIn(value)
  return Array.isArray(value) || isObject(value) || value === null
    ? { ...body, [list]: items }
    : undefined
}

const listIn = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]

/** The body with its transactions as `openSplitter` writes them. */
function inOrder(body: JsonObject, entity: LoadedEntity): JsonObject {
  const layout = layouts[entity]
  if (layout === undefined) return body
  const { list, inside, schema } = layout
  const names = transactionNames(schema)
  const transactions = (value: unknown) =>
    listIn(value).flatMap((item) => transactionsIn(item, schema === 'fdx', names))
  const items = listIn(member(body, list))
  if (inside === null) return { ...body, [list]: transactions(items) }
  const ordered = (account: unknown) =>
    isObject(account) && Object.hasOwn(account, inside)
      ? { ...account, [inside]: transactions(account[inside]) }
      : account
  const account = (item: unknown) => {
    const name = isObject(item) && onlyName(item)
    return name && isObject(item) ? { [name]: ordered(item[name]) } : ordered(item)
  }
  const unwrapped = schema === 'fdx' ? items.flatMap(accountsIn) : items
  return { ...body, [list]: unwrapped.map(account) }
}

/** The name of the one member, when it is an object. */
function onlyName(item: JsonObject): string | undefined {
  const [name, ...others] = Object.keys(item)
  return name !== undefined && others.length === 0 && isObject(item[name]) ? name : undefined
}

/** What is in an item: by known wrapper (`{"loanAccount": …}`), or the item itself where it has none. */
function opened(item: JsonObject, wrappers: ReadonlySet<string>) {
  const names = Object.keys(item)
  const known = names.length <= 4 ? names.filter((name) => wrappers.has(name)) : []
  const objects = known.filter((name) => isObject(item[name]))
  const others = Object.fromEntries(names.filter((n) => !wrappers.has(n)).map((n) => [n, item[n]]))
  return (objects.length > 0 ? objects : known.slice(0, 1)).map((wrapper) => {
    const inner = item[wrapper]
    return { wrapper, inner: isObject(inner) ? { ...others, ...inner } : inner }
  })
}

/** One account a wrapper; what stands beside a wrapper goes into it. */
function accountsIn(item: unknown): unknown[] {
  if (!isObject(item)) return [item]
  const inside = opened(item, accountWrappers)
  return inside.length === 0
    ? [item]
    : inside.map(({ wrapper, inner }) => (isObject(inner) ? { [wrapper]: inner } : inner))
}

function transactionsIn(
  item: unknown,
  mayBeWrapped: boolean,
  names: ReadonlySet<string>,
): JsonObject[] {
  if (!isObject(item)) return [invalid(item)]
  const inside = mayBeWrapped ? opened(item, transactionWrappers) : []
  if (inside.length > 0)
    return inside.map(({ wrapper, inner }) =>
      isObject(inner) ? { [added.wrapper]: wrapper, ...flat(inner, names) } : invalid(inner),
    )
  const unknown = mayBeWrapped ? onlyName(item) : undefined
  if (unknown === undefined || names.has(unknown)) return [flat(item, names)]
  const inner = item[unknown]
  return isObject(inner) ? [flat({ wrapper: unknown, ...inner }, names)] : []
}

const invalid = (value: unknown): JsonObject => ({ [added.invalid]: JSON.stringify(value) })

/** Members that a column is for, and the others in one. Mending what is mended changes nothing. */
function flat(item: JsonObject, names: ReadonlySet<string>): JsonObject {
  const unknown = Object.keys(item).filter((name) => !names.has(name) || name.startsWith('@'))
  if (unknown.length === 0) return item
  const apart = new Set(unknown)
  const members = Object.entries(item)
  return {
    ...Object.fromEntries(members.filter(([name]) => !apart.has(name))),
    [added.more]: Object.fromEntries(members.filter(([name]) => apart.has(name))),
  }
}

/** JSON.parse’s reviver: numbers keep their text; of more than 15 digits, as a string. */
function exact(
  this: unknown,
  _name: string,
  value: unknown,
  context?: { source?: string },
): unknown {
  if (typeof value === 'number') {
    const source = context?.source ?? String(value)
    const digits = source.replace(/[eE].*$/, '').replace(/\D/g, '').length
    return digits > 15 || !Number.isFinite(value) ? source : rawJSON(source)
  }
  if (typeof value === 'string') return wellFormed(value)
  if (!isObject(value) || Object.keys(value).every((name) => name === wellFormed(name)))
    return value
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [wellFormed(name), of]))
}

/** Text that DuckDB takes: without U+0000 and lone surrogates. */
const wellFormed = (text: string) => text.replaceAll('\u0000', '').toWellFormed()
