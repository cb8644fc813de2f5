import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { PgError } from '../pg-error.ts'
import { decodeUtf8 } from '../wire/reader.ts'
import { epochDays, epochMicros, malformed, numericText } from './binary-value.ts'
import { dateText } from './calendar.ts'
import { doubleText, floatText } from './float-text.ts'
import { intervalText, offsetText, timestampOutText, timeText } from './text-times.ts'
import { elementOf, pg, pgTypeOf } from './types.ts'

/** A parameter as DuckDB is given it: `CAST($n AS type)`, and bound either as itself or as text. */
export interface Parameter {
  readonly oid: number
  /** DuckDB's name of the type. */
  readonly type: string
  /** Its number in DuckDB's statement; 0 where the statement does not use it. */
  readonly place: number
}

const names = new Map<number, string>([
  [pg.bool.oid, 'BOOLEAN'],
  [pg.int2.oid, 'SMALLINT'],
  [pg.int4.oid, 'INTEGER'],
  [pg.int8.oid, 'BIGINT'],
  [pg.oid.oid, 'BIGINT'],
  [pg.float4.oid, 'FLOAT'],
  [pg.float8.oid, 'DOUBLE'],
  [pg.date.oid, 'DATE'],
  [pg.time.oid, 'TIME'],
  [pg.timetz.oid, 'TIMETZ'],
  [pg.timestamp.oid, 'TIMESTAMP'],
  [pg.timestamptz.oid, 'TIMESTAMPTZ'],
  [pg.interval.oid, 'INTERVAL'],
  [pg.uuid.oid, 'UUID'],
  [pg.bytea.oid, 'BLOB'],
])
const elementOids = new Map<number, number>(Object.values(pg).map((type) => [type.array, type.oid]))
const decimal = 'DECIMAL(38,10)'

/** Types that say no more than that the client sent text: DuckDB's own idea is better. */
const open = new Set<number>([
  0,
  pg.text.oid,
  705,
  1042,
  pg.varchar.oid,
  pg.name.oid,
  pg.cstring.oid,
  pg.json.oid,
  pg.jsonb.oid,
])

/**
 * The parameter for what the client declared and what DuckDB inferred.
 * @param declared OID of the Parse message; 0 for none
 */
export function parameterOf(
  declared: number,
  inferred: DuckDBType | undefined,
): Omit<Parameter, 'place'> {
  const name = declaredName(declared, inferred)
  if (name !== undefined) return { oid: declared, type: name }
  if (inferred === undefined)
    return { oid: declared === 0 ? pg.text.oid : declared, type: 'VARCHAR' }
  const { oid } = pgTypeOf(inferred)
  return { oid: declared === 0 ? oid : declared, type: inferred.toString() }
}

/** DuckDB's type for a declared one, where it decides alone. */
export function declaredName(
  declared: number,
  inferred: DuckDBType | undefined,
): string | undefined {
  if (open.has(declared)) return undefined
  if (declared === pg.numeric.oid) {
    if (inferred === undefined) return decimal
    const { typeId } = inferred
    const exact =
      typeId === DuckDBTypeId.DECIMAL ||
      typeId === DuckDBTypeId.DOUBLE ||
      typeId === DuckDBTypeId.FLOAT
    return exact ? inferred.toString() : decimal
  }
  const element = elementOids.get(declared)
  if (element !== undefined && declared !== 0) {
    const of =
      element === pg.numeric.oid
        ? (inferred && elementOf(inferred)?.toString()) || decimal
        : (names.get(element) ?? 'VARCHAR')
    return `${of}[]`
  }
  return names.get(declared) ?? 'VARCHAR'
}

/** Types that are bound as themselves; all others as text, so that a plan never has to be made anew. */
const native: Readonly<Record<string, (text: string) => duckdb.Value>> = {
  BOOLEAN: (text) => duckdb.create_bool(readBoolean(text)),
  SMALLINT: (text) => duckdb.create_int16(Number(readInteger(text, 16, 'smallint'))),
  INTEGER: (text) => duckdb.create_int32(Number(readInteger(text, 32, 'integer'))),
  BIGINT: (text) => duckdb.create_int64(readInteger(text, 64, 'bigint')),
  DOUBLE: (text) => duckdb.create_double(readDouble(text)),
  VARCHAR: (text) => duckdb.create_varchar(text),
}

/** SQL that stands for a parameter. */
export const parameterSql = ({ type, place }: Parameter): string =>
  type in native ? `CAST($${place} AS ${type})` : `CAST(CAST($${place} AS VARCHAR) AS ${type})`

/** @param text as PostgreSQL writes a value of the parameter's type; null for NULL */
export function bind(
  prepared: duckdb.PreparedStatement,
  { type, place: n }: Parameter,
  text: string | null,
): void {
  if (n === 0) return
  const make = native[type]
  if (text === null) duckdb.bind_null(prepared, n)
  else if (make) duckdb.bind_value(prepared, n, make(text))
  else if (type.endsWith('[]')) duckdb.bind_varchar(prepared, n, listText(text))
  else if (type === 'BLOB') duckdb.bind_varchar(prepared, n, blobText(text))
  else duckdb.bind_varchar(prepared, n, text)
}

function readBoolean(text: string): boolean {
  const word = text.trim().toLowerCase()
  if (/^(t|tr|tru|true|y|ye|yes|on|1)$/.test(word)) return true
  if (/^(f|fa|fal|fals|false|n|no|of|off|0)$/.test(word)) return false
  throw invalidText('boolean', text)
}

function readInteger(text: string, bits: number, name: string): bigint {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw invalidText(name, text)
  const value = BigInt(text.trim().replace(/^\+/, ''))
  if (BigInt.asIntN(bits, value) !== value)
    throw new PgError('22003', `value "${text.slice(0, 100)}" is out of range for type ${name}`)
  return value
}

function readDouble(text: string): number {
  const word = text.trim()
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word)
  if (/^nan$/i.test(word)) return Number.NaN
  const infinity = /^([+-]?)inf(inity)?$/i.exec(word)
  if (infinity) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  throw invalidText('double precision', text)
}

const invalidText = (name: string, text: string) =>
  new PgError('22P02', `invalid input syntax for type ${name}: "${text.slice(0, 100)}"`)

/** PostgreSQL's `{1,NULL,"a b"}` as DuckDB's `[1, NULL, "a b"]`. */
export function listText(text: string): string {
  const items = arrayItems(text)
  return `[${items.map((item) => (item === null ? 'NULL' : `"${item.replace(/["\\]/g, '\\$&')}"`)).join(', ')}]`
}

/** Items of a one-dimensional array in text form. @throws PgError 22P02 */
export function arrayItems(text: string): (string | null)[] {
  const body = /^\s*(?:\[\d+:\d+\]=)?\{([\s\S]*)\}\s*$/.exec(text)?.[1]
  if (body === undefined) throw invalidText('array', text)
  if (body.trim() === '') return []
  const items: (string | null)[] = []
  const item = /\s*(?:"((?:[^"\\]|\\[\s\S])*)"|((?:[^,{}"\\]|\\[\s\S])*))\s*(,|$)/y
  while (item.lastIndex <= body.length) {
    const found = item.exec(body)
    if (!found) throw invalidText('array', text)
    const [, quoted, plain = '', end] = found
    const plainOf = (value: string) => value.replace(/\\([\s\S])/g, '$1')
    if (quoted !== undefined) items.push(plainOf(quoted))
    else items.push(/^null$/i.test(plain.trim()) ? null : plainOf(plain.trim()))
    if (end !== ',') break
  }
  return items
}

/** `\x0102` as DuckDB's `\x01\x02`. */
function blobText(text: string): string {
  if (!/^\\x([\da-f]{2})*$/i.test(text)) throw invalidText('bytea', text)
  return text.slice(2).replace(/../g, '\\x$&').toUpperCase().replaceAll('\\X', '\\x')
}

/** A bound value as text, whichever format the client sent it in. @throws PgError 22P03, 22021 */
export function textOfValue(bytes: Buffer, format: number, oid: number): string {
  if (format === 0) {
    const text = decodeUtf8(bytes)
    if (text.includes('\0'))
      throw new PgError('22021', 'invalid byte sequence for encoding "UTF8": 0x00')
    return text
  }
  if (format !== 1) throw new PgError('08P01', `unsupported format code: ${format}`)
  const element = oid === 0 ? undefined : elementOids.get(oid)
  return element === undefined ? textOfBinary(bytes, oid) : textOfArray(bytes, element)
}

function textOfBinary(bytes: Buffer, oid: number): string {
  const sized = (width: number, name: string) => {
    if (bytes.length !== width) throw malformed(name)
    return bytes
  }
  switch (oid) {
    case pg.bool.oid:
      return sized(1, 'boolean')[0] === 0 ? 'f' : 't'
    case pg.int2.oid:
      return String(sized(2, 'smallint').readInt16BE())
    case pg.int4.oid:
      return String(sized(4, 'integer').readInt32BE())
    case pg.oid.oid:
      return String(sized(4, 'oid').readUInt32BE())
    case pg.int8.oid:
      return String(sized(8, 'bigint').readBigInt64BE())
    case pg.float4.oid:
      return floatText(sized(4, 'real').readFloatBE())
    case pg.float8.oid:
      return doubleText(sized(8, 'double precision').readDoubleBE())
    case pg.numeric.oid:
      return numericText(bytes)
    case pg.date.oid: {
      const days = sized(4, 'date').readInt32BE()
      if (days === 0x7fffffff) return 'infinity'
      return days === -0x80000000 ? '-infinity' : dateText(days + epochDays)
    }
    case pg.time.oid:
      return timeText(Number(sized(8, 'time').readBigInt64BE()))
    case pg.timetz.oid:
      return (
        timeText(Number(sized(12, 'time with time zone').readBigInt64BE())) +
        offsetText(-bytes.readInt32BE(8))
      )
    case pg.timestamp.oid:
    case pg.timestamptz.oid: {
      const micros = sized(8, 'timestamp').readBigInt64BE()
      if (micros === 0x7fff_ffff_ffff_ffffn) return 'infinity'
      if (micros === -0x8000_0000_0000_0000n) return '-infinity'
      return timestampOutText(
        micros + epochMicros,
        'micro',
        oid === pg.timestamptz.oid ? '+00' : '',
      )
    }
    case pg.interval.oid:
      return intervalText(
        sized(16, 'interval').readInt32BE(12),
        bytes.readInt32BE(8),
        bytes.readBigInt64BE(),
      )
    case pg.uuid.oid:
      return sized(16, 'uuid')
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    case pg.bytea.oid:
      return `\\x${bytes.toString('hex')}`
    case pg.jsonb.oid:
      return decodeUtf8(bytes.subarray(1))
    default:
      return decodeUtf8(bytes)
  }
}

function textOfArray(bytes: Buffer, element: number): string {
  if (bytes.length < 12) throw malformed('array')
  const dimensions = bytes.readInt32BE(0)
  if (dimensions === 0) return '{}'
  if (dimensions !== 1)
    throw new PgError('0A000', 'arrays of more than one dimension are not supported')
  const items: string[] = []
  const count = bytes.readInt32BE(12)
  let at = 20
  for (let index = 0; index < count; index++) {
    if (at + 4 > bytes.length) throw malformed('array')
    const length = bytes.readInt32BE(at)
    at += 4
    if (length < 0) items.push('NULL')
    else {
      if (at + length > bytes.length) throw malformed('array')
      items.push(
        `"${textOfBinary(bytes.subarray(at, at + length), element).replace(/["\\]/g, '\\$&')}"`,
      )
      at += length
    }
  }
  return `{${items.join(',')}}`
}
