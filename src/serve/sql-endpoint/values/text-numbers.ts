import type duckdb from '@duckdb/node-bindings'
import {
  bigints,
  bytesOf,
  type Cells,
  cellsOf,
  type Encoder,
  float64s,
  int16s,
  int32s,
  isValid,
  validityOf,
} from './cells.ts'
import { countDigits, decimalText, writeAscii, writeDigits, writeScaled } from './digits.ts'
import { doubleText, floatText } from './float-text.ts'

/** How DuckDB keeps whole numbers; decimals lie on the same. */
export type IntegerKind =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'int128'
  | 'uint128'

const widths: Record<IntegerKind, number> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  int128: 16,
  uint128: 16,
}

/** Beyond this a whole number is no exact JS number, and goes by way of bigint. */
const tooLarge = 2 ** 53

/**
 * Reads whole numbers as JS numbers; those that do not fit come as NaN, and `exact` gives them.
 */
export function readIntegers(vector: duckdb.Vector, rows: number, kind: IntegerKind) {
  const bytes = bytesOf(vector, rows, widths[kind])
  return { values: numbersOf(bytes, rows, kind), exact: (row: number) => exactOf(bytes, row, kind) }
}

function numbersOf(bytes: Uint8Array, rows: number, kind: IntegerKind): ArrayLike<number> {
  if (kind === 'uint8') return bytes
  if (kind === 'int8') return new Int8Array(bytes.buffer, bytes.byteOffset, rows)
  if (kind === 'int16') return int16s(bytes)
  if (kind === 'uint16') return new Uint16Array(bytes.buffer, bytes.byteOffset, rows)
  if (kind === 'int32') return int32s(bytes)
  if (kind === 'uint32') return new Uint32Array(bytes.buffer, bytes.byteOffset, rows)
  const values = new Float64Array(rows)
  const words = int32s(bytes)
  if (kind === 'int64' || kind === 'uint64')
    for (let row = 0; row < rows; row++) {
      const high = words[2 * row + 1] as number
      values[row] =
        high >= -0x200000 && high < 0x200000 && (high >= 0 || kind === 'int64')
          ? high * 0x1_0000_0000 + ((words[2 * row] as number) >>> 0)
          : Number.NaN
    }
  else
    for (let row = 0; row < rows; row++) {
      const high = words[4 * row + 1] as number
      const sign = high >> 31
      const narrow = words[4 * row + 2] === sign && words[4 * row + 3] === sign
      values[row] =
        narrow && high >= -0x200000 && high < 0x200000 && (sign === 0 || kind === 'int128')
          ? high * 0x1_0000_0000 + ((words[4 * row] as number) >>> 0)
          : Number.NaN
    }
  return values
}

function exactOf(bytes: Uint8Array, row: number, kind: IntegerKind): bigint {
  const words = bigints(bytes)
  if (kind === 'int64') return words[row] as bigint
  if (kind === 'uint64') return BigInt.asUintN(64, words[row] as bigint)
  const low = BigInt.asUintN(64, words[2 * row] as bigint)
  const high = words[2 * row + 1] as bigint
  return ((kind === 'uint128' ? BigInt.asUintN(64, high) : high) << 64n) | low
}

/** Whole numbers (`scale` 0) and decimals, as their digits. */
export function decimals(kind: IntegerKind, scale: number): Encoder {
  return (vector, rows) => {
    const { values, exact } = readIntegers(vector, rows, kind)
    const valid = validityOf(vector, rows)
    const lengths = new Int32Array(rows)
    let long: Map<number, string> | undefined
    const point = scale > 0 ? 1 : 0
    for (let row = 0; row < rows; row++) {
      if (valid !== null && !isValid(valid, row)) {
        lengths[row] = -1
        continue
      }
      const value = values[row] as number
      const size = value < 0 ? -value : value
      if (size < tooLarge) {
        const digits = countDigits(size)
        lengths[row] = (digits > scale ? digits : scale + 1) + point + (value < 0 ? 1 : 0)
      } else {
        const text = decimalText(exact(row), scale)
        long ??= new Map()
        long.set(row, text)
        lengths[row] = text.length
      }
    }
    return {
      lengths,
      write(out, at, from, to) {
        for (let row = from; row < to; row++) {
          const length = lengths[row] as number
          if (length < 0) continue
          const start = at[row] as number
          const value = values[row] as number
          const negative = value < 0
          const size = negative ? -value : value
          if (!(size < tooLarge)) {
            writeAscii(out, start, long?.get(row) ?? '')
            continue
          }
          if (negative) out[start] = 45
          const digits = length - point - (negative ? 1 : 0)
          if (scale === 0) writeDigits(out, start + length, size, digits)
          else writeScaled(out, start + length, size, digits, scale)
        }
      },
    }
  }
}

/** Doubles, as the fewest digits that read back the same. */
export const doubles: Encoder = (vector, rows) => {
  const values = float64s(bytesOf(vector, rows, 8))
  const valid = validityOf(vector, rows)
  const lengths = new Int32Array(rows)
  // Amounts: value × 10^scale where that is exact, so that digits need no string.
  const scaled = new Float64Array(rows)
  const scales = new Int8Array(rows)
  let texts: Map<number, string> | undefined
  for (let row = 0; row < rows; row++) {
    if (valid !== null && !isValid(valid, row)) {
      lengths[row] = -1
      continue
    }
    const value = values[row] as number
    const scale = shortScale(value)
    if (scale < 0) {
      const text = doubleText(value)
      texts ??= new Map()
      texts.set(row, text)
      lengths[row] = text.length
      scales[row] = -1
      continue
    }
    const size = Math.round(Math.abs(value) * (powers[scale] as number))
    const digits = countDigits(size)
    scaled[row] = size
    scales[row] = scale
    lengths[row] = (digits > scale ? digits : scale + 1) + (scale > 0 ? 1 : 0) + (value < 0 ? 1 : 0)
  }
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        const length = lengths[row] as number
        if (length < 0) continue
        const start = at[row] as number
        const scale = scales[row] as number
        if (scale < 0) {
          writeAscii(out, start, texts?.get(row) ?? '')
          continue
        }
        const negative = (values[row] as number) < 0 ? 1 : 0
        if (negative) out[start] = 45
        const size = scaled[row] as number
        if (scale === 0) writeDigits(out, start + length, size, length - negative)
        else writeScaled(out, start + length, size, length - negative - 1, scale)
      }
    },
  }
}

const powers = [1, 10, 100, 1_000, 10_000]

/**
 * The fewest decimals (at most 4) that give this double back, or -1. Where n / 10^k is the double and n has at most 15
 * digits, those are its shortest digits: no two decimals of 15 digits read as one double.
 */
function shortScale(value: number): number {
  if (value === 0) return Object.is(value, -0) ? -1 : 0
  for (let scale = 0; scale < 5; scale++) {
    const power = powers[scale] as number
    const n = Math.round(value * power)
    if (n < -999_999_999_999_999 || n > 999_999_999_999_999) return -1
    if (n / power === value) return Math.abs(value) < 1e-4 ? -1 : scale
  }
  return -1
}

export const floats: Encoder = (vector, rows) => {
  const bytes = bytesOf(vector, rows, 4)
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, rows)
  const valid = validityOf(vector, rows)
  return cellsOf(
    Array.from(values, (value, row) =>
      isValid(valid, row) ? Buffer.from(floatText(value), 'latin1') : null,
    ),
  )
}

export const booleans: Encoder = (vector, rows) => {
  const values = bytesOf(vector, rows, 1)
  const valid = validityOf(vector, rows)
  const lengths = new Int32Array(rows)
  for (let row = 0; row < rows; row++) lengths[row] = isValid(valid, row) ? 1 : -1
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++)
        if ((lengths[row] as number) >= 0) out[at[row] as number] = values[row] === 0 ? 102 : 116
    },
  } satisfies Cells
}
