/**
 * The scanner of JSON texts, in AssemblyScript (TypeScript's syntax, WebAssembly's types). `src/page/scan.ts` runs
 * what `npm run wasm` makes of it and says what its results mean; read that file first.
 *
 * Two layers in one loop. The lower one looks at 64 bytes at a time with SIMD and makes bit masks of them: where
 * strings are, where signs ({}[]:,), where numbers and words begin. The upper one walks the set bits, a token
 * each, and holds them against the grammar of RFC 8259. The idea of the masks is that of simdjson (Langdale,
 * Lemire: Parsing Gigabytes of JSON per Second, 2019).
 */

/** As `maxDepth` in src/page/depth.ts. */
const maxDepth: i32 = 64
/** Objects with more names than this are not watched for one that comes twice. */
const maxNames: i32 = 256
/** Containers down to this depth are noted: in a list of records, each record. */
const notedDepth: i32 = 3
const maxNoted: i32 = 65_536
/** Longest run of digits that survives as a double. */
const exactDigits: i32 = 15

// What `scan` returns: one of the first two, or the rest in any mixture.
const notJson: i32 = 1
const deep: i32 = 2
const longNumber: i32 = 4
const strangeEscape: i32 = 8
const doubtfulName: i32 = 16
const lineBreaks: i32 = 32

// Memory is laid out by hand. Of each depth: where the open container starts, whether it is an object, where it
// is noted, how many names it has by now, and how many the object before it had, while all were the same.
const isObject: usize = 1_024
const noteOf: usize = isObject + 4 * (maxDepth + 1)
const counts: usize = noteOf + 4 * (maxDepth + 1)
const expected: usize = counts + 4 * (maxDepth + 1)
/** Of each depth and name: start, length with both quotes, hash (8 bytes). */
const names: usize = 4_096
const nameSize: i32 = 16
const noted: usize = names + (maxDepth + 1) * maxNames * nameSize
const text: usize = noted + maxNoted * 8

let flags: i32 = 0
let notes: i32 = 0
/** First byte behind the text. */
let end: usize = 0

/** Makes room for a text of so many bytes; returns where it is to be written. */
export function room(length: i32): usize {
  const pages = i32((text + usize(length) + 64) >> 16) + 1
  if (pages > memory.size()) memory.grow(pages - memory.size())
  return text
}

/** How many containers were noted: so many pairs of start and end lie at `notedAt`, ordered by start. */
export function notedCount(): i32 {
  return notes
}

export function notedAt(): usize {
  return noted
}

// What the grammar allows next.
const value: i32 = 0
/** A value, or the end of the list that has just begun. */
const firstValue: i32 = 1
const name: i32 = 2
const firstName: i32 = 3
const colon: i32 = 4
/** A comma, or the end of the open container; of the whole text, where none is open. */
const after: i32 = 5

/** Walks the text that lies at `room`. */
export function scan(length: i32): i32 {
  end = text + length
  memory.fill(end, 0x20, 64)
  memory.fill(counts, 0, 8 * (maxDepth + 1))
  flags = 0
  notes = 0
  let depth: i32 = 0
  let expects: i32 = value
  // What the 64 bytes before say about these: inside a string (all bits), first byte escaped, in a number or word.
  let inString: i64 = 0
  let escapedFirst: i64 = 0
  let inScalar: i64 = 0
  /** Before this, backslashes are parts of an escape that has been looked at. */
  let escapesTo: usize = 0

  for (let block = text; block < end; block += 64) {
    const a = v128.load(block)
    const b = v128.load(block, 16)
    const c = v128.load(block, 32)
    const d = v128.load(block, 48)
    let quotes = equal(a, b, c, d, 0x22)
    const backslashes = equal(a, b, c, d, 0x5c)
    let spaces = equal(a, b, c, d, 0x20)
    const controls = below(a, b, c, d)
    let signs = signsOf(a, b, c, d)

    if ((backslashes | escapedFirst) !== 0) {
      let escaped = escapedFirst
      escapedFirst = 0
      for (let left = backslashes; left !== 0; left &= left - 1) {
        const bit = ctz(left)
        const at = block + usize(bit)
        if (at < escapesTo) continue
        const length = escapeLength(at)
        if (length === 0) return notJson
        escapesTo = at + length
        if (bit === 63) escapedFirst = 1
        else escaped |= (1 as i64) << (bit + 1)
      }
      quotes &= ~escaped
    }

    // A string's mask holds its first quote and not its last.
    const strings = prefixXor(quotes) ^ inString
    inString = strings >> 63
    if ((backslashes & ~strings) !== 0) return notJson
    if (controls !== 0) {
      if ((controls & strings) !== 0) return notJson
      const breaks = equal(a, b, c, d, 0x0a) | equal(a, b, c, d, 0x0d)
      if (breaks !== 0) flags |= lineBreaks
      spaces |= breaks | equal(a, b, c, d, 0x09)
    }
    signs &= ~strings
    const scalars = ~(strings | quotes | signs | spaces)
    const starts = scalars & ~((scalars << 1) | inScalar)
    inScalar = i64(u64(scalars) >> 63)

    for (let left = signs | starts | (quotes & strings); left !== 0; left &= left - 1) {
      const at = block + usize(ctz(left))
      const byte = load<u8>(at)
      if (byte === 0x22) {
        if (expects <= firstValue) expects = after
        else if (expects <= firstName) {
          if (!readName(depth, at)) return notJson
          expects = colon
        } else return notJson
      } else if (byte === 0x3a) {
        if (expects !== colon) return notJson
        expects = value
      } else if (byte === 0x2c) {
        if (expects !== after || depth === 0) return notJson
        expects = get(isObject, depth) ? name : value
      } else if (byte === 0x7b || byte === 0x5b) {
        if (expects > firstValue) return notJson
        if (++depth > maxDepth) return deep
        const object = byte === 0x7b
        put(isObject, depth, i32(object))
        if (depth <= notedDepth) begin(depth, at)
        if (object) {
          put(expected, depth, get(counts, depth))
          put(counts, depth, 0)
        }
        expects = object ? firstName : firstValue
      } else if (byte === 0x7d || byte === 0x5d) {
        const object = byte === 0x7d
        if (depth === 0 || get(isObject, depth) !== i32(object)) return notJson
        if (expects !== after && expects !== (object ? firstName : firstValue)) return notJson
        if (depth <= notedDepth) finish(depth, at + 1)
        depth--
        expects = after
      } else {
        if (expects > firstValue) return notJson
        const behind = byte === 0x2d || isDigit(byte) ? endOfNumber(at) : endOfWord(at)
        if (behind === 0 || !endsScalar(load<u8>(behind))) return notJson
        expects = after
      }
    }
  }
  return expects === after && depth === 0 && inString === 0 ? flags : notJson
}

function get(table: usize, depth: i32): i32 {
  return load<i32>(table + (usize(depth) << 2))
}

function put(table: usize, depth: i32, what: i32): void {
  store<i32>(table + (usize(depth) << 2), what)
}

// Masks of 64 bytes: bit 0 is the first byte.

function mask(a: v128, b: v128, c: v128, d: v128): i64 {
  return (
    i64(i8x16.bitmask(a)) |
    (i64(i8x16.bitmask(b)) << 16) |
    (i64(i8x16.bitmask(c)) << 32) |
    (i64(i8x16.bitmask(d)) << 48)
  )
}

function equal(a: v128, b: v128, c: v128, d: v128, byte: i8): i64 {
  const all = i8x16.splat(byte)
  return mask(i8x16.eq(a, all), i8x16.eq(b, all), i8x16.eq(c, all), i8x16.eq(d, all))
}

/** Control characters: below 0x20. */
function below(a: v128, b: v128, c: v128, d: v128): i64 {
  const all = i8x16.splat(0x20)
  return mask(i8x16.lt_u(a, all), i8x16.lt_u(b, all), i8x16.lt_u(c, all), i8x16.lt_u(d, all))
}

function signsOf(a: v128, b: v128, c: v128, d: v128): i64 {
  return mask(sign(a), sign(b), sign(c), sign(d))
}

/** Brackets differ from braces in one bit. */
function sign(bytes: v128): v128 {
  const braces = v128.or(bytes, i8x16.splat(0x20))
  return v128.or(
    v128.or(i8x16.eq(braces, i8x16.splat(0x7b)), i8x16.eq(braces, i8x16.splat(0x7d))),
    v128.or(i8x16.eq(bytes, i8x16.splat(0x2c)), i8x16.eq(bytes, i8x16.splat(0x3a))),
  )
}

/** Each bit becomes the XOR of itself and all below it: between two quotes, ones. */
function prefixXor(bits: i64): i64 {
  let all = bits
  all ^= all << 1
  all ^= all << 2
  all ^= all << 4
  all ^= all << 8
  all ^= all << 16
  return all ^ (all << 32)
}

/** Bytes of the escape at `at`, a pair of surrogates being one; 0 when it is none. */
function escapeLength(at: usize): usize {
  const byte = load<u8>(at, 1)
  if (byte !== 0x75) {
    const known =
      byte === 0x22 ||
      byte === 0x5c ||
      byte === 0x2f ||
      byte === 0x62 ||
      byte === 0x66 ||
      byte === 0x6e ||
      byte === 0x72 ||
      byte === 0x74
    return known ? 2 : 0
  }
  const unit = codeUnit(at)
  if (unit < 0) return 0
  if (unit >= 0xd800 && unit < 0xdc00 && load<u8>(at, 6) === 0x5c && load<u8>(at, 7) === 0x75) {
    const low = codeUnit(at + 6)
    if (low >= 0xdc00 && low < 0xe000) return 12
  }
  if (unit === 0 || (unit >= 0xd800 && unit < 0xe000)) flags |= strangeEscape
  return 6
}

/** Of the `\uXXXX` at `at`; negative when its digits are not hexadecimal. */
function codeUnit(at: usize): i32 {
  let unit: i32 = 0
  for (let i: usize = 2; i < 6; i++) {
    const byte: i32 = load<u8>(at + i)
    const letter = byte | 0x20
    if (byte >= 0x30 && byte <= 0x39) unit = unit * 16 + byte - 0x30
    else if (letter >= 0x61 && letter <= 0x66) unit = unit * 16 + letter - 0x57
    else return -1
  }
  return unit
}

function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte <= 0x39
}

function endOfDigits(at: usize): usize {
  while (isDigit(load<u8>(at))) at++
  return at
}

/** Behind the number that starts at `at`; 0 when it is none. */
function endOfNumber(start: usize): usize {
  const whole = load<u8>(start) === 0x2d ? start + 1 : start
  let at = endOfDigits(whole)
  let digits = i32(at - whole)
  if (digits === 0 || (load<u8>(whole) === 0x30 && digits > 1)) return 0
  if (load<u8>(at) === 0x2e) {
    const fraction = at + 1
    at = endOfDigits(fraction)
    if (at === fraction) return 0
    digits += i32(at - fraction)
  }
  if (digits > exactDigits) flags |= longNumber
  if ((load<u8>(at) | 0x20) === 0x65) {
    // It can leave the range of doubles (1e400), and nobody writes money so: the exact way is safe.
    flags |= longNumber
    const sign = load<u8>(at, 1)
    const exponent = at + (sign === 0x2b || sign === 0x2d ? 2 : 1)
    at = endOfDigits(exponent)
    if (at === exponent) return 0
  }
  return at
}

/** Behind `true`, `false` or `null`; 0 when it is none of them. Little-endian. */
function endOfWord(at: usize): usize {
  const word = load<u32>(at)
  if (word === 0x65757274 || word === 0x6c6c756e) return at + 4
  return word === 0x736c6166 && load<u8>(at, 4) === 0x65 ? at + 5 : 0
}

/** What may stand behind a number or word without belonging to it; the grammar judges the rest. */
function endsScalar(byte: u8): bool {
  return (
    byte === 0x2c ||
    byte === 0x7d ||
    byte === 0x5d ||
    byte === 0x20 ||
    byte === 0x0a ||
    byte === 0x0d ||
    byte === 0x09
  )
}

// Notes of containers, so that reading can leap over them.

function begin(depth: i32, at: usize): void {
  put(noteOf, depth, notes < maxNoted ? notes : -1)
  if (notes >= maxNoted) return
  store<i32>(noted + (usize(notes) << 3), i32(at - text))
  notes++
}

function finish(depth: i32, behind: usize): void {
  const note = get(noteOf, depth)
  if (note >= 0) store<i32>(noted + (usize(note) << 3), i32(behind - text), 4)
}

/**
 * Reads the name that starts at `at`. Records of a list mostly have the same names in the same order: then one
 * comparison with the name that stood at this place in the object before is all. False when it does not end.
 */
function readName(depth: i32, at: usize): bool {
  const count = get(counts, depth)
  const own = names + usize(depth * maxNames * nameSize)
  if (count < get(expected, depth)) {
    const before = own + usize(count * nameSize)
    if (same(load<u32>(before), load<u32>(before, 4), at)) {
      put(counts, depth, count + 1)
      return true
    }
    put(expected, depth, 0)
  }
  const length = nameLength(at)
  if (length === 0) return false
  if (count >= maxNames) {
    flags |= doubtfulName
    return true
  }
  const hash = hashOf(at, length)
  for (let i = 0; i < count; i++)
    if (load<i64>(own + usize(i * nameSize), 8) === hash) flags |= doubtfulName
  const place = own + usize(count * nameSize)
  store<u32>(place, u32(at))
  store<u32>(place, u32(length), 4)
  store<i64>(place, hash, 8)
  put(counts, depth, count + 1)
  return true
}

function same(one: usize, length: usize, other: usize): bool {
  let i: usize = 0
  for (; i + 16 <= length; i += 16)
    if (v128.any_true(v128.xor(v128.load(one + i), v128.load(other + i)))) return false
  const rest = length - i
  if (rest === 0) return true
  const different = ~i32(i8x16.bitmask(i8x16.eq(v128.load(one + i), v128.load(other + i))))
  return (different & ((1 << i32(rest)) - 1)) === 0
}

/** With both quotes; 0 when it does not end. An escape can spell any name: such a one is in doubt. */
function nameLength(start: usize): usize {
  for (let at = start + 1; at < end; at++) {
    const byte = load<u8>(at)
    if (byte === 0x22) return at + 1 - start
    if (byte === 0x5c) {
      flags |= doubtfulName
      at++
    }
  }
  return 0
}

/** Eight bytes at a time; the last of them shifted so that nothing behind the name counts. */
function hashOf(start: usize, length: usize): i64 {
  let hash: i64 = i64(length)
  let left = length
  for (let at = start; left > 0; at += 8) {
    let word = load<i64>(at)
    if (left < 8) word <<= i64(64 - (left << 3))
    hash = rotl<i64>(hash ^ word, 29) * 2_654_435_761
    hash ^= i64(u64(hash) >> 32)
    left = left < 8 ? 0 : left - 8
  }
  return hash
}
