import { kindNames, kinds } from './fields/kinds.ts'
import { tables } from './fields/tables.ts'
import type { Lines } from './lines.ts'
import type { LoadedEntity } from './loaded.ts'
import { isMovement, knownRoots } from './record-shape.ts'

/** Members of a transaction that stand for what it came with; no provider’s name begins so. */
export const added = { wrapper: '@wrapper', more: '@more', invalid: '@invalid' } as const

interface Layout {
  readonly schema: 'fdx' | 'flinks'
  /** List of the page’s body: of transactions, or of accounts that hold a list of them. */
  readonly list: string
  readonly inside: string | null
}

/** Pages that hold transactions: there are so many of them that nothing but bytes is looked at. */
export const layouts: Partial<Record<LoadedEntity, Layout>> = {
  'fdx.transactions': { schema: 'fdx', list: 'transactions', inside: null },
  'fdx.accounts': { schema: 'fdx', list: 'accounts', inside: 'transactions' },
  'flinks.detail': { schema: 'flinks', list: 'Accounts', inside: 'Transactions' },
}

export const accountWrappers: ReadonlySet<string> = new Set(
  kindNames.flatMap((kind) => [...kinds[kind].account]),
)
export const transactionWrappers: ReadonlySet<string> = new Set(
  kindNames.flatMap((kind) => [...kinds[kind].transaction]),
)

/** Names of the members that some table of transactions has a column for. */
export const transactionNames = (schema: Layout['schema']): ReadonlySet<string> =>
  new Set([
    ...tables.filter((table) => isMovement(table) && table.schema === schema).flatMap(knownRoots),
    ...Object.values(added),
  ])

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openList = 0x5b
const backslash = 0x5c
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

export interface Splitter {
  /**
   * Writes a body without its transactions to `records` and each list of them to `transactions`, as
   * `{"n": page, "account": its position, "items": [{"@wrapper": …, …, "@more": {…}}]}`. False when the body is
   * not quite as most are: then nothing of what was written counts.
   * @param isMended the body comes from `mendBody`, whose own members it may have.
   */
  split(body: Buffer, page: number, isMended: boolean): boolean
  /** Names of members that the transactions so far have. */
  readonly present: ReadonlySet<string>
}

/**
 * Takes pages apart by their bytes. It does not check that they are JSON (landing did), only never reads
 * past their end; what it copies is what came.
 */
export function openSplitter(
  entity: LoadedEntity,
  records: Lines,
  transactions: Lines,
): Splitter | undefined {
  const layout = layouts[entity]
  if (layout === undefined) return undefined
  const { schema, list, inside } = layout
  const known = new Map(
    [...transactionNames(schema)].map((name) => [name, Buffer.from(`"${name}"`)]),
  )
  const present = new Set<string>()
  /** Names of the transaction before: most have the same in the same order. */
  const before: Buffer[] = []
  let bytes: Buffer = Buffer.alloc(0)
  let length = 0
  let page = 0
  let isMended = false
  /** Bytes before this are in `records`, or left out. */
  let copied = 0

  const space = (start: number) => {
    let at = start
    for (let byte = bytes[at]; byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13); )
      byte = bytes[++at]
    return at
  }
  /** The next member or item, or the bracket that closes. */
  const next = (end: number) => {
    const at = space(end)
    return bytes[at] === comma ? space(at + 1) : at
  }
  const stringEnd = (start: number) => {
    let at = start + 1
    for (; at < length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++
    return at + 1
  }
  const valueEnd = (start: number) => {
    if (bytes[start] === quote) return stringEnd(start)
    let at = start
    if (bytes[at] !== openObject && bytes[at] !== openList) {
      for (let byte = bytes[at] as number; at < length; byte = bytes[++at] as number)
        if (byte === comma || byte === closeObject || byte === closeList || byte <= 0x20) break
      return at
    }
    for (let depth = 0; at < length; at++) {
      const byte = bytes[at]
      if (byte === quote) at = stringEnd(at) - 1
      else if (byte === openObject || byte === openList) depth++
      else if ((byte === closeObject || byte === closeList) && --depth === 0) return at + 1
    }
    return at
  }
  const valueStart = (nameEnd: number) => {
    const at = space(nameEnd)
    return bytes[at] === colon ? space(at + 1) : length
  }
  const nameAt = (start: number, end: number) => bytes.toString('utf8', start + 1, end - 1)
  const isSame = (start: number, name: Buffer) => {
    for (let i = name.length - 1; i >= 0; i--) if (bytes[start + i] !== name[i]) return false
    return true
  }
  const closes = (at: number) => (bytes[at] === closeObject ? at + 1 : 0)

  /** Where an object ends whose members are all known; 0 when one is not. */
  function knownMembers(start: number): number {
    let at = space(start + 1)
    for (let nth = 0; bytes[at] === quote; nth++) {
      const expected = before[nth]
      let end: number
      if (expected !== undefined && isSame(at, expected)) end = at + expected.length
      else {
        end = stringEnd(at)
        const name = nameAt(at, end)
        const own = known.get(name)
        if (own === undefined || (name.startsWith('@') && !isMended)) return 0
        before[nth] = own
        present.add(name)
      }
      at = next(valueEnd(valueStart(end)))
    }
    return closes(at)
  }

  /** Writes the members of a transaction, those that are not known in an object of their own; gives its end, or 0. */
  function members(start: number, wrapper: string): number {
    if (wrapper !== '') {
      present.add(added.wrapper)
      transactions.text(`"${added.wrapper}":"${wrapper}"`)
    }
    const first = space(start + 1)
    if (bytes[first] === closeObject) return first + 1
    if (wrapper !== '') transactions.text(',')
    const end = knownMembers(start)
    if (end > 0) transactions.copy(bytes, first, end - 1)
    return end > 0 || isMended ? end : membersApart(first)
  }

  function membersApart(first: number): number {
    const unknown: [start: number, end: number][] = []
    let isFirst = true
    let at = first
    while (bytes[at] === quote) {
      const nameEnd = stringEnd(at)
      const name = nameAt(at, nameEnd)
      // An escape may spell a known name, and a wrapper with company is for mending.
      if (name.includes('\\') || transactionWrappers.has(name)) return 0
      const end = valueEnd(valueStart(nameEnd))
      if (known.has(name) && !name.startsWith('@')) {
        present.add(name)
        if (!isFirst) transactions.text(',')
        transactions.copy(bytes, at, end)
        isFirst = false
      } else unknown.push([at, end])
      at = next(end)
    }
    const [only] = unknown
    const isOnly = isFirst && unknown.length === 1 && only !== undefined
    // A wrapper that nobody knows.
    if (isOnly && bytes[only[1] - 1] === closeObject) return 0
    present.add(added.more)
    transactions.text(isFirst ? `"${added.more}":` : `,"${added.more}":`)
    for (const [nth, range] of unknown.entries()) {
      transactions.text(nth === 0 ? '{' : ',')
      transactions.copy(bytes, ...range)
    }
    transactions.text('}')
    return closes(at)
  }

  /** Writes one transaction, flat; gives its end, or 0. */
  function transaction(start: number): number {
    const nameStart = space(start + 1)
    if (bytes[start] !== openObject || bytes[nameStart] !== quote) return 0
    const nameEnd = stringEnd(nameStart)
    const inner = valueStart(nameEnd)
    const name = bytes[inner] === openObject ? nameAt(nameStart, nameEnd) : ''
    const isWrapped = transactionWrappers.has(name)
    transactions.text('{')
    const innerEnd = isWrapped ? members(inner, name) : members(start, '')
    transactions.text('}')
    return isWrapped ? innerEnd && closes(space(innerEnd)) : innerEnd
  }

  /** Writes a list of transactions; gives its end, or 0. */
  function transactionList(start: number, account: number | null): number {
    let at = space(start + 1)
    if (bytes[at] === closeList) return at + 1
    transactions.text(`{"n":${page},"account":${account},"items":[`)
    for (let isFirst = true; at < length && bytes[at] !== closeList; isFirst = false) {
      if (!isFirst) transactions.text(',')
      const end = transaction(at)
      if (end === 0) return 0
      at = next(end)
    }
    transactions.text(']}')
    transactions.endLine()
    return at + 1
  }

  /** Writes the transactions of one account, which may be in a wrapper; gives its end, or 0. */
  function account(start: number, position: number, mayBeWrapped: boolean): number {
    let at = space(start + 1)
    for (let nth = 0; bytes[at] === quote; nth++) {
      const nameEnd = stringEnd(at)
      const value = valueStart(nameEnd)
      const name = nameAt(at, nameEnd)
      let end = 0
      if (name === inside && bytes[value] === openList) {
        end = transactionList(value, position)
        records.copy(bytes, copied, value)
        records.text('null')
        copied = end
      } else if (name === inside) end = bytes[value] === 0x6e ? valueEnd(value) : 0
      else if (mayBeWrapped && nth === 0 && bytes[value] === openObject) {
        // A known wrapper with company is for mending.
        const isWrapper = !isMended && accountWrappers.has(name)
        if (isWrapper || closes(space(valueEnd(value))) > 0) {
          end = account(value, position, false)
          return end && closes(space(end))
        }
        end = valueEnd(value)
      } else if (mayBeWrapped && !isMended && accountWrappers.has(name)) return 0
      else end = valueEnd(value)
      if (end === 0) return 0
      at = next(end)
    }
    return closes(at)
  }

  function accountList(start: number): number {
    let at = space(start + 1)
    for (let position = 1; at < length && bytes[at] !== closeList; position++) {
      const end = bytes[at] === openObject ? account(at, position, schema === 'fdx') : valueEnd(at)
      if (end === 0) return 0
      at = next(end)
    }
    return at + 1
  }

  return {
    present,
    split(body, of, wasMended) {
      if (wasMended || isMended) before.length = 0
      isMended = wasMended
      bytes = body
      length = body.length
      page = of
      copied = 0
      let isFound = false
      const start = space(0)
      if (bytes[start] !== openObject) return false
      let at = space(start + 1)
      while (bytes[at] === quote) {
        const nameEnd = stringEnd(at)
        const value = valueStart(nameEnd)
        let end: number
        if (nameAt(at, nameEnd) === list) {
          if (isFound || bytes[value] !== openList) return false
          isFound = true
          end = inside === null ? transactionList(value, null) : accountList(value)
          if (end === 0) return false
        } else end = valueEnd(value)
        at = next(end)
      }
      if (!isFound || closes(at) === 0) return false
      if (inside !== null) records.copy(bytes, copied, length)
      return true
    },
  }
}
