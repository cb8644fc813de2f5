import {
  DuckDBArrayValue,
  DuckDBBitValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimeNSValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeTZValue,
  DuckDBTimeValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { decimalText } from './digits.ts'
import { doubleText, floatText } from './float-text.ts'
import { dateOutText, intervalText, offsetText, timestampOutText, timeText } from './text-times.ts'

/** One value as PostgreSQL prints it, for kinds that are not worth a fast path. */
export function valueText(value: DuckDBValue, type?: DuckDBType): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') {
    if (type?.typeId === DuckDBTypeId.FLOAT) return floatText(value)
    return type?.typeId === DuckDBTypeId.DOUBLE || !Number.isInteger(value)
      ? doubleText(value)
      : String(value)
  }
  if (value instanceof DuckDBDecimalValue) return decimalText(value.value, value.scale)
  if (value instanceof DuckDBDateValue) return dateOutText(value.days)
  if (value instanceof DuckDBTimestampValue) return timestampOutText(value.micros, 'micro', '')
  if (value instanceof DuckDBTimestampTZValue) return timestampOutText(value.micros, 'micro', '+00')
  if (value instanceof DuckDBTimestampSecondsValue)
    return timestampOutText(value.seconds, 'second', '')
  if (value instanceof DuckDBTimestampMillisecondsValue)
    return timestampOutText(value.millis, 'milli', '')
  if (value instanceof DuckDBTimestampNanosecondsValue)
    return timestampOutText(value.nanos, 'nano', '')
  if (value instanceof DuckDBTimeValue) return timeText(Number(value.micros))
  if (value instanceof DuckDBTimeNSValue) return timeText(Number(value.nanos / 1_000n))
  if (value instanceof DuckDBTimeTZValue)
    return timeText(Number(value.micros)) + offsetText(value.offset)
  if (value instanceof DuckDBIntervalValue)
    return intervalText(value.months, value.days, value.micros)
  if (value instanceof DuckDBUUIDValue) return value.toString()
  if (value instanceof DuckDBBitValue) return value.toString()
  if (value instanceof DuckDBBlobValue) return `\\x${Buffer.from(value.bytes).toString('hex')}`
  return jsonText(value)
}

/** Numbers stay as they are, every digit kept; what JSON has no form for becomes a string. */
export function jsonText(value: DuckDBValue, type?: DuckDBType): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number')
    return Number.isFinite(value) ? numberText(value, type) : JSON.stringify(valueText(value))
  if (value instanceof DuckDBDecimalValue) return decimalText(value.value, value.scale)
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return `[${value.items.map((item) => jsonText(item)).join(',')}]`
  if (value instanceof DuckDBStructValue)
    return `{${Object.entries(value.entries)
      .map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`)
      .join(',')}}`
  if (value instanceof DuckDBMapValue)
    return `{${value.entries.map(({ key, value: item }) => `${JSON.stringify(valueText(key))}:${jsonText(item)}`).join(',')}}`
  if (value instanceof DuckDBUnionValue) return jsonText(value.value)
  return JSON.stringify(valueText(value))
}

const numberText = (value: number, type?: DuckDBType) =>
  type?.typeId === DuckDBTypeId.FLOAT ? floatText(value) : String(value)

/** A one-dimensional array as PostgreSQL prints it (array_out): `{1,NULL,"a b"}`. */
export function arrayText(items: readonly DuckDBValue[], element: DuckDBType): string {
  return `{${items.map((item) => (item === null ? 'NULL' : quotedItem(valueText(item, element)))).join(',')}}`
}

const quotedItem = (text: string) =>
  text === '' || /[{}",\\\s]/.test(text) || /^null$/i.test(text)
    ? `"${text.replace(/["\\]/g, '\\$&')}"`
    : text

/** `int2vector` and `oidvector` are separated by spaces. */
export const vectorText = (items: readonly DuckDBValue[]) =>
  items.map((item) => valueText(item)).join(' ')
