import type { Ends, Scan } from './scan.ts'

/**
 * A value inside a JSON text that `scan` has found to be one. It is read where it lies, by the functions
 * below, so that only what is asked for is parsed.
 */
export interface JsonValue {
  readonly text: Buffer
  readonly start: number
  readonly end: number
  readonly ends: Ends
}

/** The value of a whole text. */
export const jsonOf = (text: Buffer, { ends }: Pick<Scan, 'ends'>): JsonValue =>
  valueAt(text, endOfSpace(text, 0), ends)

export const isObject = ({ text, start }: JsonValue): boolean => text[start] === 0x7b
export const isList = ({ text, start }: JsonValue): boolean => text[start] === 0x5b

/** The bytes of the value. */
export const bytesOf = ({ text, start, end }: JsonValue): Buffer => text.subarray(start, end)

/** Members of an object, in their order; of anything else, none. */
export function* membersOf(value: JsonValue): Generator<readonly [string, JsonValue]> {
  if (!isObject(value)) return
  const { text, ends } = value
  for (let at = endOfSpace(text, value.start + 1); text[at] === 0x22; ) {
    const nameEnd = endOfString(text, at)
    const name = JSON.parse(text.toString('utf8', at, nameEnd)) as string
    const found = valueAt(text, endOfSpace(text, endOfSpace(text, nameEnd) + 1), ends)
    yield [name, found]
    at = nextItem(text, found.end)
  }
}

/** A member of an object, the last of several with that name; undefined where there is none. */
export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  let found: JsonValue | undefined
  if (value) for (const [key, member] of membersOf(value)) if (key === name) found = member
  return found
}

/** Items of a list; of anything else, none. */
export function itemsOf(value: JsonValue): JsonValue[] {
  const found: JsonValue[] = []
  if (!isList(value)) return found
  const { text, ends } = value
  for (let at = endOfSpace(text, value.start + 1); text[at] !== 0x5d; ) {
    const item = valueAt(text, at, ends)
    found.push(item)
    at = nextItem(text, item.end)
  }
  return found
}

/** The value, parsed; numbers that a double cannot hold keep their text: ids are sent back as they came. */
export const parsed = (value: JsonValue | undefined): unknown =>
  value && (JSON.parse(bytesOf(value).toString(), keepDigits) as unknown)

function keepDigits(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  return context?.source ?? value
}

const valueAt = (text: Buffer, start: number, ends: Ends): JsonValue => ({
  text,
  start,
  end: ends(start) ?? endOfValue(text, start),
  ends,
})

/** Behind the comma, if there is one. */
function nextItem(text: Buffer, after: number): number {
  const at = endOfSpace(text, after)
  return text[at] === 0x2c ? endOfSpace(text, at + 1) : at
}

const isSpace = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

function endOfSpace(text: Buffer, start: number): number {
  let at = start
  while (isSpace(text[at])) at++
  return at
}

function endOfString(text: Buffer, start: number): number {
  let at = start + 1
  while (text[at] !== 0x22) at += text[at] === 0x5c ? 2 : 1
  return at + 1
}

function endOfValue(text: Buffer, start: number): number {
  let depth = 0
  for (let at = start; ; at++) {
    const byte = text[at]
    if (byte === 0x22) at = endOfString(text, at) - 1
    else if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) depth--
    // What stands alone ends before the comma, bracket or space behind it; the rest with its last byte.
    const alone = byte !== 0x22 && byte !== 0x7d && byte !== 0x5d
    if (alone ? depth === 0 && endsHere(text[at + 1]) : depth === 0) return at + 1
  }
}

const endsHere = (byte: number | undefined) =>
  byte === undefined || byte === 0x2c || byte === 0x7d || byte === 0x5d || isSpace(byte)
