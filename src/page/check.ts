import { isUtf8 } from 'node:buffer'
import { isList, isObject, type JsonValue, jsonOf } from './json.ts'
import type { Mark } from './page.ts'
import { scan } from './scan.ts'

/** A body as it is kept, and what was found in it. */
export interface CheckedBody {
  /** One line of valid JSON: the bytes as they came, or, for `not_json`, a JSON string of their text. */
  readonly body: Buffer
  readonly marks: readonly Mark[]
  /** The body: an object or a list; undefined for `not_json`. */
  readonly value: JsonValue | undefined
  /** Nested deeper than `maxDepth`; kept as `not_json`, because readers recurse. */
  readonly tooDeep: boolean
}

/**
 * Looks at a body once, on arrival, so that the loader need not: whether it is JSON, how deep, numbers that a
 * double would round, JSON that DuckDB refuses (facts/reliability-security.md 6.4).
 */
export function checkBody(received: Buffer): CheckedBody {
  const bytes = withoutMark(received)
  const found = scan(bytes)
  if (found.verdict !== 'json') return notJson(bytes, found.verdict === 'deep')
  const value = jsonOf(bytes, found)
  if (!isObject(value) && !isList(value)) return notJson(bytes, false)
  const marks: Mark[] = []
  if (found.longNumber) marks.push('long_number')
  if (found.strangeEscape || found.doubtfulName || !isUtf8(bytes)) marks.push('strange_json')
  return { body: onOneLine(bytes, found.lineBreaks), marks, value, tooDeep: false }
}

function notJson(bytes: Buffer, tooDeep: boolean): CheckedBody {
  const body = Buffer.from(JSON.stringify(bytes.toString()))
  return { body, marks: ['not_json'], value: undefined, tooDeep }
}

const withoutMark = (bytes: Buffer) =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

/** Raw line breaks stand only between the tokens of JSON, so a space says the same. */
function onOneLine(bytes: Buffer, lineBreaks: boolean): Buffer {
  if (!lineBreaks) return bytes
  const line = Buffer.from(bytes)
  for (let i = 0; i < line.length; i++) if (line[i] === 0x0a || line[i] === 0x0d) line[i] = 0x20
  return line
}
