import {
  type DuckDBDecimalType,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  DuckDBVector,
} from '@duckdb/node-api'
import * as binary from './binary.ts'
import { binaryOfText, epochDays, epochMicros } from './binary-value.ts'
import { cellsOf, type Encoder } from './cells.ts'
import type { Column } from './column.ts'
import { arrayText, jsonText, valueText, vectorText } from './nested.ts'
import { numerics } from './numeric-binary.ts'
import { booleans, decimals, doubles, floats, type IntegerKind } from './text-numbers.ts'
import { blobs, hexes, strings } from './text-strings.ts'
import { dates, type TimestampUnit, timestamps } from './text-times.ts'
import { elementOf, pg } from './types.ts'

/** PostgreSQL's format codes. */
export type Format = 0 | 1

/** How the values of a column are written, in one of the two formats. */
export function encoderOf(column: Column, format: Format): Encoder {
  const { type } = column
  return (format === 0 ? fastText(type) : fastBinary(column)) ?? oneByOne(column, format)
}

const integerKinds: Partial<Record<DuckDBTypeId, IntegerKind>> = {
  [DuckDBTypeId.TINYINT]: 'int8',
  [DuckDBTypeId.UTINYINT]: 'uint8',
  [DuckDBTypeId.SMALLINT]: 'int16',
  [DuckDBTypeId.USMALLINT]: 'uint16',
  [DuckDBTypeId.INTEGER]: 'int32',
  [DuckDBTypeId.UINTEGER]: 'uint32',
  [DuckDBTypeId.BIGINT]: 'int64',
  [DuckDBTypeId.UBIGINT]: 'uint64',
  [DuckDBTypeId.HUGEINT]: 'int128',
  [DuckDBTypeId.UHUGEINT]: 'uint128',
}

const timestampUnits: Partial<Record<DuckDBTypeId, TimestampUnit>> = {
  [DuckDBTypeId.TIMESTAMP]: 'micro',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'micro',
  [DuckDBTypeId.TIMESTAMP_S]: 'second',
  [DuckDBTypeId.TIMESTAMP_MS]: 'milli',
  [DuckDBTypeId.TIMESTAMP_NS]: 'nano',
}

/** A decimal lies on the smallest whole number that holds its digits. */
const decimalKind = (width: number): IntegerKind =>
  width <= 4 ? 'int16' : width <= 9 ? 'int32' : width <= 18 ? 'int64' : 'int128'

function fastText(type: DuckDBType): Encoder | undefined {
  const { typeId } = type
  const kind = integerKinds[typeId]
  if (kind !== undefined) return decimals(kind, 0)
  if (typeId === DuckDBTypeId.DECIMAL) {
    const { width, scale } = type as DuckDBDecimalType
    return decimals(decimalKind(width), scale)
  }
  const unit = timestampUnits[typeId]
  if (unit !== undefined) return timestamps(unit, typeId === DuckDBTypeId.TIMESTAMP_TZ ? '+00' : '')
  if (typeId === DuckDBTypeId.VARCHAR) return strings
  if (typeId === DuckDBTypeId.DOUBLE) return doubles
  if (typeId === DuckDBTypeId.FLOAT) return floats
  if (typeId === DuckDBTypeId.DATE) return dates
  if (typeId === DuckDBTypeId.BOOLEAN) return booleans
  if (typeId === DuckDBTypeId.BLOB) return hexes
  return undefined
}

function fastBinary({ type, oid, size }: Column): Encoder | undefined {
  const { typeId } = type
  const kind = integerKinds[typeId]
  if (kind !== undefined) {
    if (oid === pg.numeric.oid) return numerics(kind, 0)
    return size === 2 || size === 4 || size === 8 ? binary.integers(kind, size) : undefined
  }
  if (typeId === DuckDBTypeId.DECIMAL) {
    const { width, scale } = type as DuckDBDecimalType
    return numerics(decimalKind(width), scale)
  }
  const unit = timestampUnits[typeId]
  if (unit !== undefined) return binary.timestamps(unit)
  if (typeId === DuckDBTypeId.VARCHAR) return textual.has(oid) ? strings : undefined
  if (typeId === DuckDBTypeId.DOUBLE) return binary.doubles
  if (typeId === DuckDBTypeId.FLOAT) return binary.floats
  if (typeId === DuckDBTypeId.DATE) return binary.dates
  if (typeId === DuckDBTypeId.TIME) return binary.times
  if (typeId === DuckDBTypeId.INTERVAL) return binary.intervals
  if (typeId === DuckDBTypeId.BOOLEAN) return binary.booleans
  if (typeId === DuckDBTypeId.BLOB) return blobs
  return undefined
}

/** Types whose binary form is their text. */
const textual = new Set<number>([
  pg.text.oid,
  pg.varchar.oid,
  pg.name.oid,
  pg.json.oid,
  pg.cstring.oid,
  pg.xml.oid,
  pg.pg_node_tree.oid,
])

/** The way that knows every type: each value as an object, then as text or bytes. */
function oneByOne(column: Column, format: Format): Encoder {
  const encode = format === 0 ? textOf(column) : bytesOf(column)
  return (vector, rows) => {
    const values = DuckDBVector.create(vector, rows)
    return cellsOf(
      Array.from({ length: rows }, (_, row) => {
        const value = values.getItem(row) as DuckDBValue
        return value === null ? null : encode(value)
      }),
    )
  }
}

function textOf({ type, oid }: Column): (value: DuckDBValue) => Buffer {
  const element = elementOf(type)
  const write = (value: DuckDBValue) => {
    if (oid === pg.json.oid || oid === pg.jsonb.oid)
      return typeof value === 'string' ? value : jsonText(value, type)
    if (element !== undefined && isItems(value))
      return isVector(oid) ? vectorText(value.items) : arrayText(value.items, element)
    return valueText(value, type)
  }
  return (value) => Buffer.from(write(value), 'utf8')
}

function bytesOf(column: Column): (value: DuckDBValue) => Buffer {
  const { type, oid } = column
  const element = elementOf(type)
  if (element !== undefined && oid !== pg.json.oid) {
    const elementOid = isVector(oid)
      ? oid === pg.oidvector.oid
        ? pg.oid.oid
        : pg.int2.oid
      : (elementOids.get(oid) ?? pg.text.oid)
    return (value) =>
      arrayBytes(isItems(value) ? value.items : [], element, elementOid, isVector(oid) ? 0 : 1)
  }
  if (oid === pg.json.oid || oid === pg.jsonb.oid) {
    const text = textOf(column)
    return (value) => binaryOfText(text(value).toString('utf8'), oid)
  }
  return (value) => scalarBytes(value, type, oid)
}

function scalarBytes(value: DuckDBValue, type: DuckDBType, oid: number): Buffer {
  if (type.typeId === DuckDBTypeId.DATE) {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE((value as { days: number }).days - epochDays)
    return bytes
  }
  if (type.typeId === DuckDBTypeId.TIMESTAMP || type.typeId === DuckDBTypeId.TIMESTAMP_TZ)
    return long((value as { micros: bigint }).micros - epochMicros)
  if (type.typeId === DuckDBTypeId.TIME) return long((value as { micros: bigint }).micros)
  if (type.typeId === DuckDBTypeId.TIME_NS) return long((value as { nanos: bigint }).nanos / 1_000n)
  if (type.typeId === DuckDBTypeId.TIME_TZ) {
    const { micros, offset } = value as { micros: bigint; offset: number }
    const zone = Buffer.alloc(4)
    zone.writeInt32BE(-offset)
    return Buffer.concat([long(BigInt(micros)), zone])
  }
  if (type.typeId === DuckDBTypeId.INTERVAL) {
    const { months, days, micros } = value as { months: number; days: number; micros: bigint }
    const rest = Buffer.alloc(8)
    rest.writeInt32BE(days)
    rest.writeInt32BE(months, 4)
    return Buffer.concat([long(micros), rest])
  }
  return binaryOfText(valueText(value, type), oid)
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes
}

/** One dimension, a header and the items (array_send). An empty array has no dimension. */
function arrayBytes(
  items: readonly DuckDBValue[],
  element: DuckDBType,
  oid: number,
  lower: number,
): Buffer {
  const head = Buffer.alloc(items.length === 0 ? 12 : 20)
  head.writeInt32BE(items.length === 0 ? 0 : 1, 0)
  head.writeInt32BE(items.includes(null) ? 1 : 0, 4)
  head.writeInt32BE(oid, 8)
  if (items.length > 0) {
    head.writeInt32BE(items.length, 12)
    head.writeInt32BE(lower, 16)
  }
  const parts = items.flatMap((item) => {
    const bytes = item === null ? null : scalarBytes(item, element, oid)
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes === null ? -1 : bytes.length)
    return bytes === null ? [length] : [length, bytes]
  })
  return Buffer.concat([head, ...parts])
}

const isVector = (oid: number) => oid === pg.int2vector.oid || oid === pg.oidvector.oid
const isItems = (
  value: DuckDBValue,
): value is DuckDBValue & { readonly items: readonly DuckDBValue[] } =>
  typeof value === 'object' && value !== null && 'items' in value
const elementOids = new Map<number, number>(Object.values(pg).map((type) => [type.array, type.oid]))
