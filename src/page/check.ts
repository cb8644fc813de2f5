import { isUtf8 } from 'node:buffer'
import { maxDepth } from './depth.ts'
import type { Mark } from './page.ts'

/** A body as it is kept, and what was found in it. */
export interface CheckedBody {
  /** One line of valid JSON: the bytes as they came, or, for `not_json`, a JSON string of their text. */
  readonly body: Buffer
  readonly marks: readonly Mark[]
  /** The parsed body: an object or a list; undefined for `not_json`. Numbers of 16 and more digits are text. */
  readonly value: object | undefined
  /** Nested deeper than `maxDepth`; kept as `not_json`, because readers recurse. */
  readonly tooDeep: boolean
}

/** Longest run of digits that survives as a double. */
const exactDigits = 15

/**
 * Looks at a body once, on arrival, so that the loader need not: depth before any parser sees it, numbers
 * that a double would round, JSON that DuckDB refuses (facts/reliability-security.md 6.4).
 */
export function checkBody(received: Buffer): CheckedBody {
  const bytes = withoutMark(received)
  const found = scan(bytes)
  if (found.depth > maxDepth) return notJson(bytes, true)
  const text = bytes.toString()
  let value: unknown
  try {
    value = found.longNumber ? JSON.parse(text, keepDigits) : JSON.parse(text)
  } catch {
    return notJson(bytes, false)
  }
  if (typeof value !== 'object' || value === null) return notJson(bytes, false)
  const marks: Mark[] = []
  if (found.longNumber) marks.push('long_number')
  if (found.strangeEscape || !isUtf8(bytes) || members(value) !== found.members)
    marks.push('strange_json')
  return { body: onOneLine(bytes, found.lineBreaks), marks, value, tooDeep: false }
}

function notJson(bytes: Buffer, tooDeep: boolean): CheckedBody {
  const body = Buffer.from(JSON.stringify(bytes.toString()))
  return { body, marks: ['not_json'], value: undefined, tooDeep }
}

const withoutMark = (bytes: Buffer) =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

interface Scan {
  depth: number
  /** Members of all objects, duplicates included: one colon each. */
  members: number
  longNumber: boolean
  /** A `\u0000` or half of a surrogate pair. */
  strangeEscape: boolean
  lineBreaks: boolean
}

/** Walks the bytes once. What it says of text that is not JSON means nothing, but is harmless. */
function scan(bytes: Buffer): Scan {
  const seen: Scan = {
    depth: 0,
    members: 0,
    longNumber: false,
    strangeEscape: false,
    lineBreaks: false,
  }
  let depth = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte === 0x22) i = endOfString(bytes, i + 1, seen)
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > seen.depth) seen.depth = depth
    } else if (byte === 0x7d || byte === 0x5d) depth--
    else if (byte === 0x3a) seen.members++
    else if (byte === 0x0a || byte === 0x0d) seen.lineBreaks = true
    else if (byte >= 0x30 && byte <= 0x39) i = endOfNumber(bytes, i, seen)
  }
  return seen
}

function endOfString(bytes: Buffer, start: number, seen: Scan): number {
  let i = start
  for (; i < bytes.length && bytes[i] !== 0x22; i++) {
    if (bytes[i] !== 0x5c) continue
    if (bytes[i + 1] === 0x75) {
      const unit = escapedUnit(bytes, i)
      const pair = unit >= 0xd800 && unit < 0xdc00 ? escapedUnit(bytes, i + 6) : 0
      if (pair >= 0xdc00 && pair < 0xe000) i += 10
      else if (unit === 0 || (unit >= 0xd800 && unit < 0xe000)) seen.strangeEscape = true
    }
    i++
  }
  return i
}

/** The code unit of a `\uXXXX` at `i`; NaN where there is none. */
const escapedUnit = (bytes: Buffer, i: number) =>
  bytes[i] === 0x5c && bytes[i + 1] === 0x75
    ? Number.parseInt(bytes.toString('latin1', i + 2, i + 6), 16)
    : Number.NaN

function endOfNumber(bytes: Buffer, start: number, seen: Scan): number {
  let i = start
  let digits = 0
  for (; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte >= 0x30 && byte <= 0x39) digits++
    // An exponent can leave the range of doubles (1e400), and nobody writes money so: the exact way is safe.
    else if (byte === 0x65 || byte === 0x45) seen.longNumber = true
    else if (byte !== 0x2e && byte !== 0x2b && byte !== 0x2d) break
  }
  if (digits > exactDigits) seen.longNumber = true
  return i - 1
}

/** Members of all objects in a parsed value; fewer than the text has means duplicate names. */
function members(value: object): number {
  let count = 0
  const inner = Array.isArray(value) ? value : Object.values(value)
  if (!Array.isArray(value)) count += inner.length
  for (const item of inner) if (typeof item === 'object' && item !== null) count += members(item)
  return count
}

/** Numbers that a double cannot hold keep their text: ids and cursors are sent back as they came. */
function keepDigits(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  return context?.source ?? value
}

/** Raw line breaks stand only between the tokens of JSON, so a space says the same. */
function onOneLine(bytes: Buffer, lineBreaks: boolean): Buffer {
  if (!lineBreaks) return bytes
  const line = Buffer.from(bytes)
  for (let i = 0; i < line.length; i++) if (line[i] === 0x0a || line[i] === 0x0d) line[i] = 0x20
  return line
}
