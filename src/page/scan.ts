import { maxDepth } from './depth.ts'
import { openNames } from './names.ts'

/** What one walk over the bytes of a JSON text has found. */
export interface Scan {
  /** `deep`: nested deeper than `maxDepth`; the walk stopped there. */
  readonly verdict: 'json' | 'not_json' | 'deep'
  /** A number of 16 or more digits, or with an exponent: a double may not hold it. */
  readonly longNumber: boolean
  /** A `\u0000`, or half of a surrogate pair. */
  readonly strangeEscape: boolean
  /** Two members of one object have the same name. */
  readonly duplicateName: boolean
  /** Line breaks between the tokens. */
  readonly lineBreaks: boolean
  /** Start → end of the outermost containers, so that reading can leap over them. */
  readonly ends: ReadonlyMap<number, number>
}

/** Longest run of digits that survives as a double. */
const exactDigits = 15
/** Containers down to this depth are remembered: in a list of records, each record. */
const rememberedDepth = 3

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

const table = (holds: (byte: number) => boolean) =>
  Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0))
/** Bytes that stand for themselves inside a string. */
const plain = table((byte) => byte >= 0x20 && byte !== quote && byte !== backslash)
const space = table((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0a) || byte === 0x0d)
const digit = table((byte) => byte >= 0x30 && byte <= 0x39)
/** What may follow a backslash, but for `u`. */
const escapable = table((byte) => '"\\/bfnrt'.includes(String.fromCharCode(byte)))

/**
 * Decides whether the bytes are one JSON text (RFC 8259), as `JSON.parse` would, and sees on the way what
 * the loader must know. It makes no value of anything: that would cost more than all the rest of landing a
 * page (facts/load-performance.md 2). Whether the text of strings is UTF-8 is not looked at.
 */
export function scan(bytes: Uint8Array): Scan {
  const length = bytes.length
  const ends = new Map<number, number>()
  const names = openNames(bytes)
  /** Where each open container starts, and whether it is an object. */
  const starts = new Int32Array(maxDepth + 1)
  const isObject = new Uint8Array(maxDepth + 1)
  let depth = 0
  let longNumber = false
  let strangeEscape = false
  let lineBreaks = false
  let verdict: Scan['verdict'] = 'not_json'

  // What is looked for at `i`. A value: anything; `first`: the same or the end of an empty container.
  let expects: 'value' | 'first' | 'name' | 'after' = 'value'
  let i = 0
  for (;;) {
    let byte = bytes[i]
    while (byte !== undefined && space[byte] === 1) {
      if (byte !== 0x20 && byte !== 0x09) lineBreaks = true
      byte = bytes[++i]
    }
    if (expects === 'after') {
      if (depth === 0) {
        if (i === length) verdict = 'json'
        break
      }
      if (byte === comma) {
        expects = isObject[depth] === 1 ? 'name' : 'value'
        i++
        continue
      }
      if (byte !== (isObject[depth] === 1 ? closeObject : closeList)) break
      i++
      if (depth <= rememberedDepth) ends.set(starts[depth] as number, i)
      depth--
      continue
    }
    if (expects === 'first') {
      if (byte === (isObject[depth] === 1 ? closeObject : closeList)) {
        expects = 'after'
        continue
      }
      expects = isObject[depth] === 1 ? 'name' : 'value'
    }
    if (byte === quote) {
      const start = i
      const known = expects === 'name' ? names.expected(depth, start) : 0
      if (known > 0) i = known
      else {
        i++
        while (plain[bytes[i] as number] === 1) i++
        if (bytes[i] === quote) i++
        else {
          const { end, strange } = endOfEscaped(bytes, i)
          if (end < 0) break
          if (strange) strangeEscape = true
          i = end
        }
        if (expects === 'name') names.add(depth, start, i)
      }
      if (expects !== 'name') {
        expects = 'after'
        continue
      }
      while (space[bytes[i] as number] === 1) {
        if (bytes[i] !== 0x20 && bytes[i] !== 0x09) lineBreaks = true
        i++
      }
      if (bytes[i++] !== colon) break
      expects = 'value'
      continue
    }
    if (expects === 'name') break
    if (byte === openObject || byte === openList) {
      if (++depth > maxDepth) {
        verdict = 'deep'
        break
      }
      starts[depth] = i++
      isObject[depth] = byte === openObject ? 1 : 0
      if (byte === openObject) names.begin(depth)
      expects = 'first'
      continue
    }
    if (byte === 0x2d || (byte !== undefined && digit[byte] === 1)) {
      if (byte === 0x2d) i++
      const whole = i
      while (digit[bytes[i] as number] === 1) i++
      let digits = i - whole
      if (digits === 0 || (bytes[whole] === 0x30 && digits > 1)) break
      if (bytes[i] === 0x2e) {
        const fraction = ++i
        while (digit[bytes[i] as number] === 1) i++
        if (i === fraction) break
        digits += i - fraction
      }
      if (digits > exactDigits) longNumber = true
      if (bytes[i] === 0x65 || bytes[i] === 0x45) {
        // It can leave the range of doubles (1e400), and nobody writes money so: the exact way is safe.
        longNumber = true
        i = endOfExponent(bytes, i + 1)
      }
    } else i = endOfWord(bytes, i)
    if (i < 0) break
    expects = 'after'
  }
  const duplicateName = names.anyTwice()
  return { verdict, longNumber, strangeEscape, duplicateName, lineBreaks, ends }
}

/** From inside a string to behind its closing quote; `end` is -1 when it is not one. */
function endOfEscaped(bytes: Uint8Array, inside: number): { end: number; strange: boolean } {
  let strange = false
  for (let at = inside; ; ) {
    const byte = bytes[at] ?? 0
    if (byte === quote) return { end: at + 1, strange }
    if (plain[byte] === 1) at++
    else if (byte !== backslash) return { end: -1, strange }
    else if (escapable[bytes[at + 1] ?? 0] === 1) at += 2
    else {
      const unit = escapedUnit(bytes, at)
      if (unit < 0) return { end: -1, strange }
      at += 6
      const pair = unit >= 0xd800 && unit < 0xdc00 ? escapedUnit(bytes, at) : -1
      if (pair >= 0xdc00 && pair < 0xe000) at += 6
      else if (unit === 0 || (unit >= 0xd800 && unit < 0xe000)) strange = true
    }
  }
}

/** The code unit of a `\uXXXX` at `at`; -1 where there is none. */
function escapedUnit(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== backslash || bytes[at + 1] !== 0x75) return -1
  let unit = 0
  for (let i = at + 2; i < at + 6; i++) {
    const value = hexValue(bytes[i] ?? 0)
    if (value < 0) return -1
    unit = unit * 16 + value
  }
  return unit
}

function hexValue(byte: number): number {
  if (digit[byte] === 1) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

function endOfExponent(bytes: Uint8Array, start: number): number {
  const from = bytes[start] === 0x2b || bytes[start] === 0x2d ? start + 1 : start
  let at = from
  while (digit[bytes[at] ?? 0] === 1) at++
  return at === from ? -1 : at
}

const words = ['true', 'false', 'null'].map((word) => Buffer.from(word))

function endOfWord(bytes: Uint8Array, at: number): number {
  for (const word of words)
    if (bytes[at] === word[0] && word.every((byte, i) => bytes[at + i] === byte))
      return at + word.length
  return -1
}
