import { dateText, dayMicros, intervalText, timestampText, timeText } from './calendar.ts'
import { bigints, bytesOf, type Encoder, int32s, isValid, validityOf } from './cells.ts'
import { writeAscii, writeDigits } from './digits.ts'

const firstDay = -719_162 // 0001-01-01
const lastDay = 2_932_896 // 9999-12-31
const infiniteDays = 0x7fffffff

/** Month and day of the common years take 10 bytes; all others go by way of text. */
function writeDate(out: Uint8Array, at: number, days: number): void {
  const shifted = days + 719_468
  const era = (shifted / 146_097) | 0
  const ofEra = shifted - era * 146_097
  const yearOfEra =
    ((ofEra - ((ofEra / 1_460) | 0) + ((ofEra / 36_524) | 0) - ((ofEra / 146_096) | 0)) / 365) | 0
  const ofYear = ofEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0))
  const shiftedMonth = ((5 * ofYear + 2) / 153) | 0
  const day = ofYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  writeDigits(out, at + 4, year, 4)
  out[at + 4] = 45
  writeTwo(out, at + 5, month)
  out[at + 7] = 45
  writeTwo(out, at + 8, day)
}

function writeTwo(out: Uint8Array, at: number, n: number): void {
  const tens = (n / 10) | 0
  out[at] = 48 + tens
  out[at + 1] = 48 + n - tens * 10
}

export const dates: Encoder = (vector, rows) => {
  const values = int32s(bytesOf(vector, rows, 4))
  const valid = validityOf(vector, rows)
  const lengths = new Int32Array(rows)
  let texts: Map<number, string> | undefined
  for (let row = 0; row < rows; row++) {
    if (valid !== null && !isValid(valid, row)) {
      lengths[row] = -1
      continue
    }
    const days = values[row] as number
    if (days >= firstDay && days <= lastDay) lengths[row] = 10
    else {
      const text = dateOutText(days)
      texts ??= new Map()
      texts.set(row, text)
      lengths[row] = text.length
    }
  }
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        if ((lengths[row] as number) < 0) continue
        const text = texts?.get(row)
        if (text === undefined) writeDate(out, at[row] as number, values[row] as number)
        else writeAscii(out, at[row] as number, text)
      }
    },
  }
}

/** A date, or one of the two infinities. */
export const dateOutText = (days: number) =>
  days === infiniteDays ? 'infinity' : days === -infiniteDays ? '-infinity' : dateText(days)

/** DuckDB keeps timestamps in one of four units. */
export type TimestampUnit = 'second' | 'milli' | 'micro' | 'nano'

const infinite = 0x7fff_ffff_ffff_ffffn

/** Microseconds since 1970, rounded down; undefined for the infinities. */
export function microsOf(value: bigint, unit: TimestampUnit): bigint | undefined {
  if (value === infinite || value === -infinite) return undefined
  if (unit === 'second') return value * 1_000_000n
  if (unit === 'milli') return value * 1_000n
  if (unit === 'micro') return value
  const micros = value / 1_000n
  return value < 0n && micros * 1_000n !== value ? micros - 1n : micros
}

/** @param zone what stands behind each, such as `+00`. */
export function timestamps(unit: TimestampUnit, zone: string): Encoder {
  return (vector, rows) => {
    const bytes = bytesOf(vector, rows, 8)
    const words = int32s(bytes)
    const raw = bigints(bytes)
    const valid = validityOf(vector, rows)
    const lengths = new Int32Array(rows)
    const micros = new Float64Array(rows)
    let texts: Map<number, string> | undefined
    for (let row = 0; row < rows; row++) {
      if (valid !== null && !isValid(valid, row)) {
        lengths[row] = -1
        continue
      }
      // Most are microseconds within a JS number; the others are read as bigint.
      const high = words[2 * row + 1] as number
      const plain = unit === 'micro' && high >= -0x200000 && high < 0x200000
      let value = high * 0x1_0000_0000 + ((words[2 * row] as number) >>> 0)
      if (!plain) {
        const exact = microsOf(raw[row] as bigint, unit)
        value = exact === undefined ? Number.POSITIVE_INFINITY : Number(exact)
      }
      micros[row] = value
      const days = Math.floor(value / dayMicros)
      if (days >= firstDay && days <= lastDay && Math.abs(value) < 2 ** 53)
        lengths[row] =
          19 + fractionLength(value - Math.floor(value / 1_000_000) * 1_000_000) + zone.length
      else {
        const text = timestampOutText(raw[row] as bigint, unit, zone)
        texts ??= new Map()
        texts.set(row, text)
        lengths[row] = text.length
      }
    }
    return {
      lengths,
      write(out, at, from, to) {
        for (let row = from; row < to; row++) {
          if ((lengths[row] as number) < 0) continue
          const start = at[row] as number
          const text = texts?.get(row)
          if (text !== undefined) {
            writeAscii(out, start, text)
            continue
          }
          const value = micros[row] as number
          const days = Math.floor(value / dayMicros)
          const ofDay = value - days * dayMicros
          const seconds = Math.floor(ofDay / 1_000_000) | 0
          const fraction = ofDay - seconds * 1_000_000
          writeDate(out, start, days)
          out[start + 10] = 32
          const minutes = (seconds / 60) | 0
          const hours = (minutes / 60) | 0
          writeTwo(out, start + 11, hours)
          out[start + 13] = 58
          writeTwo(out, start + 14, minutes - hours * 60)
          out[start + 16] = 58
          writeTwo(out, start + 17, seconds - minutes * 60)
          const places = fractionLength(fraction)
          if (places > 0) {
            out[start + 19] = 46
            writeDigits(
              out,
              start + 19 + places,
              fraction / (tenToThe[7 - places] as number),
              places - 1,
            )
          }
          if (zone !== '') writeAscii(out, start + 19 + places, zone)
        }
      },
    }
  }
}

const tenToThe = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

/** Bytes of `.123456` without zeros at its end; 0 for none. */
function fractionLength(micros: number): number {
  if (micros === 0) return 0
  let length = 7
  for (let left = micros | 0; left % 10 === 0; left = (left / 10) | 0) length--
  return length
}

/** A timestamp of any size, or one of the two infinities. */
export function timestampOutText(value: bigint, unit: TimestampUnit, zone: string): string {
  const micros = microsOf(value, unit)
  if (micros === undefined) return value > 0n ? 'infinity' : '-infinity'
  const perDay = BigInt(dayMicros)
  let days = micros / perDay
  if (micros < 0n && days * perDay !== micros) days -= 1n
  const date = dateText(Number(days))
  const time = timeText(Number(micros - days * perDay))
  return date.endsWith(' BC') ? `${date.slice(0, -3)} ${time}${zone} BC` : `${date} ${time}${zone}`
}

/** Offset as PostgreSQL prints it: `+05:30`, `-08`. */
export function offsetText(seconds: number): string {
  const size = Math.abs(seconds)
  const parts = [Math.floor(size / 3_600), Math.floor(size / 60) % 60, size % 60].map((n) =>
    String(n).padStart(2, '0'),
  )
  while (parts.length > 1 && parts.at(-1) === '00') parts.pop()
  return `${seconds < 0 ? '-' : '+'}${parts.join(':')}`
}

export { intervalText, timestampText, timeText }
