import { accountWrappers, added, layouts, transactionNames, transactionWrappers } from './layout.ts'
import type { Lines } from './lines.ts'
import type { LoadedEntity } from './loaded.ts'

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

/** A name as it is written, with its quotes. */
interface MemberName {
  readonly bytes: Buffer
  readonly isKnown: boolean
}

interface Wrapper {
  readonly name: Buffer
  readonly member: Buffer
}

const wrappers = new Map<string, Wrapper>(
  [...transactionWrappers].map((name) => [
    name,
    { name: Buffer.from(`"${name}"`), member: Buffer.from(`"${added.wrapper}":"${name}"`) },
  ]),
)

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
  const known = transactionNames(schema)
  const present = new Set<string>()
  /** Names and wrapper of the transaction before: most have the same in the same order. */
  const before: MemberName[] = []
  let wrapper: Wrapper | undefined
  /** Members of a transaction that nobody knows. */
  const unknown: [start: number, end: number][] = []
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

  /** The name that stands there; `undefined` when it is for mending. */
  function memberName(at: number, nth: number): MemberName | undefined {
    const expected = before[nth]
    if (expected !== undefined && isSame(at, expected.bytes)) return expected
    const end = stringEnd(at)
    const name = nameAt(at, end)
    const isKnown = known.has(name) && (isMended || !name.startsWith('@'))
    // An escape may spell a known name, and a wrapper with company is for mending.
    if (!isKnown && (isMended || name.includes('\\') || transactionWrappers.has(name)))
      return undefined
    present.add(isKnown ? name : added.more)
    before[nth] = { bytes: Buffer.from(bytes.subarray(at, end)), isKnown }
    return before[nth]
  }

  /** Writes the members of a transaction, those that are not known in an object of their own; gives its end, or 0. */
  function members(start: number, wrapper: Wrapper | undefined): number {
    let written = 0
    const write = (from: Buffer, first: number, end: number) => {
      if (first === end) return
      if (written++ > 0) transactions.byte(comma)
      transactions.copy(from, first, end)
    }
    if (wrapper !== undefined) {
      present.add(added.wrapper)
      write(wrapper.member, 0, wrapper.member.length)
    }
    const wrapped = written
    unknown.length = 0
    let at = space(start + 1)
    // Known members side by side are copied together.
    let first = at
    let end = at
    for (let nth = 0; bytes[at] === quote; nth++) {
      const name = memberName(at, nth)
      if (name === undefined) return 0
      const memberEnd = valueEnd(valueStart(at + name.bytes.length))
      const following = next(memberEnd)
      if (name.isKnown) end = memberEnd
      else {
        write(bytes, first, end)
        unknown.push([at, memberEnd])
        first = end = following
      }
      at = following
    }
    write(bytes, first, end)
    const [only] = unknown
    if (only === undefined) return closes(at)
    // A wrapper that nobody knows.
    if (unknown.length === 1 && written === wrapped && bytes[only[1] - 1] === closeObject) return 0
    transactions.text(`${written > 0 ? ',' : ''}"${added.more}":`)
    for (const [nth, range] of unknown.entries()) {
      transactions.byte(nth === 0 ? openObject : comma)
      transactions.copy(bytes, ...range)
    }
    transactions.byte(closeObject)
    return closes(at)
  }

  /** Writes one transaction, flat; gives its end, or 0. */
  function transaction(start: number): number {
    const nameStart = space(start + 1)
    if (bytes[start] !== openObject || bytes[nameStart] !== quote) return 0
    const nameEnd = stringEnd(nameStart)
    const inner = valueStart(nameEnd)
    const mayBeWrapped = bytes[inner] === openObject
    if (mayBeWrapped && (wrapper === undefined || !isSame(nameStart, wrapper.name)))
      wrapper = wrappers.get(nameAt(nameStart, nameEnd))
    const around = mayBeWrapped ? wrapper : undefined
    transactions.byte(openObject)
    const innerEnd = members(around === undefined ? start : inner, around)
    transactions.byte(closeObject)
    return around === undefined ? innerEnd : innerEnd && closes(space(innerEnd))
  }

  /** Writes a list of transactions; gives its end, or 0. */
  function transactionList(start: number, account: number | null): number {
    let at = space(start + 1)
    if (bytes[at] === closeList) return at + 1
    transactions.text(`{"n":${page},"account":${account},"items":[`)
    for (let isFirst = true; at < length && bytes[at] !== closeList; isFirst = false) {
      if (!isFirst) transactions.byte(comma)
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
