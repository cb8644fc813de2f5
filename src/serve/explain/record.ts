import type { Pii, Table } from '../../load/fields/field.ts'
import {
  bytesOf,
  isList,
  isObject,
  itemsOf,
  type JsonValue,
  jsonOf,
  membersOf,
  parsed,
} from '../../page/json.ts'

export interface Ids {
  readonly account: string | undefined
  readonly transaction: string | undefined
  readonly other: string | undefined
}

const accountNames: ReadonlySet<string> = new Set(['accountId', 'Id'])
const transactionNames: ReadonlySet<string> = new Set(['transactionId', 'Id'])
const otherNames: ReadonlySet<string> = new Set(['customerId', 'statementId', 'UniqueId', 'Id'])
const mask = '"•••"'

/**
 * The records of a page that have the ids, as JSON text. Where nothing in the page has them (contacts and
 * networks carry no id of their own), the whole page is the record.
 */
export function findRecords(
  body: Buffer,
  ids: Ids,
  like: readonly Table[],
  raw: boolean,
): string[] {
  const whole = jsonOf(body, { ends: () => undefined })
  const found = ids.transaction
    ? [...recordsWith(whole, transactionNames, ids.transaction, ids.account, undefined)]
    : ids.account
      ? [...recordsWith(whole, accountNames, ids.account, undefined, undefined)]
      : ids.other
        ? [...recordsWith(whole, otherNames, ids.other, undefined, undefined)]
        : []
  const records = found.length > 0 ? found : [whole]
  return records.map((record) => (raw ? bytesOf(record).toString() : masked(record, piiOf(like))))
}

/** Objects with the id, at any depth; of an account, where one is given and said on the way down. */
function* recordsWith(
  value: JsonValue,
  names: ReadonlySet<string>,
  id: string,
  account: string | undefined,
  inAccount: string | undefined,
): Generator<JsonValue> {
  if (isList(value))
    for (const item of itemsOf(value)) yield* recordsWith(item, names, id, account, inAccount)
  if (!isObject(value)) return
  const members = [...membersOf(value)]
  const textOf = (wanted: ReadonlySet<string>) =>
    members
      .filter(([name, member]) => wanted.has(name) && !isObject(member) && !isList(member))
      .map(([, member]) => String(parsed(member)))
  const own = textOf(accountNames)[0] ?? inAccount
  if (
    textOf(names).includes(id) &&
    (account === undefined || inAccount === undefined || inAccount === account || own === account)
  )
    return yield value
  for (const [, member] of members) yield* recordsWith(member, names, id, account, own)
}

/** What each member of a record says of a person, by its path; ids of the provider's own are shown. */
function piiOf(like: readonly Table[]): ReadonlyMap<string, Pii> {
  const known = new Map<string, Pii>()
  for (const { fields } of like)
    for (const { name, was, pii } of fields) for (const path of [name, ...was]) known.set(path, pii)
  for (const name of ['accountId', 'transactionId', 'customerId', 'statementId', 'Id'])
    known.set(name, 'none')
  return known
}

/** The record without what tells of a person; lists inside it, which are rows of their own, are counted. */
function masked(value: JsonValue, known: ReadonlyMap<string, Pii>, path = ''): string {
  if (isList(value)) {
    const items = itemsOf(value)
    return items.length === 0 ? '[]' : JSON.stringify(`${items.length} items, not shown`)
  }
  if (!isObject(value)) {
    const text = bytesOf(value).toString()
    return known.get(path) === 'none' || text === 'null' ? text : mask
  }
  const members = [...membersOf(value)].map(
    ([name, member]) =>
      `${JSON.stringify(name)}:${masked(member, known, pathTo(path, name, known))}`,
  )
  return `{${members.join(',')}}`
}

/** Paths begin at the record: what wraps it (`depositAccount`) is no part of them. */
function pathTo(path: string, name: string, known: ReadonlyMap<string, Pii>): string {
  const full = path === '' ? name : `${path}.${name}`
  return known.has(full) || !known.has(name) ? full : name
}
