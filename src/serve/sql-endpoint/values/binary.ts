import { epochDays, epochMicros } from './binary-value.ts'
import { bigints, bytesOf, type Encoder, fixedLengths, int32s, validityOf } from './cells.ts'
import { type IntegerKind, readIntegers } from './text-numbers.ts'
import { microsOf, type TimestampUnit } from './text-times.ts'

/** Whole numbers in `width` bytes, most significant first. */
export function integers(kind: IntegerKind, width: 2 | 4 | 8): Encoder {
  return (vector, rows) => {
    const { values, exact } = readIntegers(vector, rows, kind)
    const lengths = fixedLengths(rows, width, validityOf(vector, rows))
    return {
      lengths,
      write(out, at, from, to) {
        for (let row = from; row < to; row++) {
          if ((lengths[row] as number) < 0) continue
          let place = at[row] as number
          const value = values[row] as number
          if (width === 8) {
            if (Number.isNaN(value)) {
              out.writeBigInt64BE(BigInt.asIntN(64, exact(row)), place)
              continue
            }
            const high = Math.floor(value / 0x1_0000_0000)
            place = put32(out, place, high)
            put32(out, place, value - high * 0x1_0000_0000)
          } else if (width === 4) put32(out, place, value)
          else {
            out[place] = value >> 8
            out[place + 1] = value
          }
        }
      },
    }
  }
}

function put32(out: Uint8Array, at: number, value: number): number {
  const word = value | 0
  out[at] = word >>> 24
  out[at + 1] = word >>> 16
  out[at + 2] = word >>> 8
  out[at + 3] = word
  return at + 4
}

/** Values whose bytes only have to be turned round: doubles and floats. */
export function reversed(width: 4 | 8): Encoder {
  return (vector, rows) => {
    const bytes = bytesOf(vector, rows, width)
    const lengths = fixedLengths(rows, width, validityOf(vector, rows))
    return {
      lengths,
      write(out, at, from, to) {
        for (let row = from; row < to; row++) {
          if ((lengths[row] as number) < 0) continue
          const place = (at[row] as number) + width - 1
          for (let byte = 0; byte < width; byte++)
            out[place - byte] = bytes[row * width + byte] as number
        }
      },
    }
  }
}

export const doubles = reversed(8)
export const floats = reversed(4)

export const booleans: Encoder = (vector, rows) => {
  const values = bytesOf(vector, rows, 1)
  const lengths = fixedLengths(rows, 1, validityOf(vector, rows))
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++)
        if ((lengths[row] as number) >= 0) out[at[row] as number] = values[row] as number
    },
  }
}

/** Days since 2000-01-01; the infinities are the largest and the smallest number. */
export const dates: Encoder = (vector, rows) => {
  const values = int32s(bytesOf(vector, rows, 4))
  const lengths = fixedLengths(rows, 4, validityOf(vector, rows))
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        if ((lengths[row] as number) < 0) continue
        const days = values[row] as number
        const sent =
          days === 0x7fffffff ? days : days === -0x7fffffff ? -0x80000000 : days - epochDays
        out.writeInt32BE(sent, at[row] as number)
      }
    },
  }
}

/** Microseconds since 2000-01-01. */
export function timestamps(unit: TimestampUnit): Encoder {
  return (vector, rows) => {
    const values = bigints(bytesOf(vector, rows, 8))
    const lengths = fixedLengths(rows, 8, validityOf(vector, rows))
    return {
      lengths,
      write(out, at, from, to) {
        for (let row = from; row < to; row++) {
          if ((lengths[row] as number) < 0) continue
          const value = values[row] as bigint
          const micros = microsOf(value, unit)
          const sent =
            micros === undefined
              ? value > 0n
                ? 0x7fff_ffff_ffff_ffffn
                : -0x8000_0000_0000_0000n
              : micros - epochMicros
          out.writeBigInt64BE(sent, at[row] as number)
        }
      },
    }
  }
}

/** Microseconds of the day. */
export const times: Encoder = (vector, rows) => {
  const values = bigints(bytesOf(vector, rows, 8))
  const lengths = fixedLengths(rows, 8, validityOf(vector, rows))
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++)
        if ((lengths[row] as number) >= 0)
          out.writeBigInt64BE(values[row] as bigint, at[row] as number)
    },
  }
}

/** Microseconds, days, months. */
export const intervals: Encoder = (vector, rows) => {
  const bytes = bytesOf(vector, rows, 16)
  const words = int32s(bytes)
  const longs = bigints(bytes)
  const lengths = fixedLengths(rows, 16, validityOf(vector, rows))
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        if ((lengths[row] as number) < 0) continue
        const place = at[row] as number
        out.writeBigInt64BE(longs[2 * row + 1] as bigint, place)
        out.writeInt32BE(words[4 * row + 1] as number, place + 8)
        out.writeInt32BE(words[4 * row] as number, place + 12)
      }
    },
  }
}
