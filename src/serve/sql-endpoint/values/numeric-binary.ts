import { numericBytes } from './binary-value.ts'
import { type Encoder, isValid, validityOf } from './cells.ts'
import { decimalText } from './digits.ts'
import { type IntegerKind, readIntegers } from './text-numbers.ts'

/**
 * Whole numbers and decimals as PostgreSQL's numeric (numeric_send): groups of four digits, aligned at the point. Values
 * that are exact JS numbers take no detour through text.
 */
export function numerics(kind: IntegerKind, scale: number): Encoder {
  // The fraction is filled up to whole groups, so that one division by 10,000 after the other gives the groups.
  const filled = Math.ceil(scale / 4) * 4
  const fill = 10 ** (filled - scale)
  const most = 2 ** 53 / fill
  const fractionGroups = filled / 4
  return (vector, rows) => {
    const { values, exact } = readIntegers(vector, rows, kind)
    const valid = validityOf(vector, rows)
    const lengths = new Int32Array(rows)
    // Of each row: how many groups, and how many groups of zeros at the end were dropped.
    const counts = new Int8Array(rows)
    const dropped = new Int8Array(rows)
    let long: Map<number, Buffer> | undefined
    for (let row = 0; row < rows; row++) {
      if (valid !== null && !isValid(valid, row)) {
        lengths[row] = -1
        continue
      }
      const size = Math.abs(values[row] as number)
      if (!(size < most)) {
        const bytes = numericBytes(decimalText(exact(row), scale))
        long ??= new Map()
        long.set(row, bytes)
        lengths[row] = bytes.length
        continue
      }
      let left = size * fill
      let zeros = 0
      while (left > 0 && left % 10_000 === 0) {
        left /= 10_000
        zeros++
      }
      let groups = 0
      while (left > 0) {
        left = Math.floor(left / 10_000)
        groups++
      }
      counts[row] = groups
      dropped[row] = zeros
      lengths[row] = 8 + 2 * groups
    }
    return {
      lengths,
      write(out, at, from, to) {
        for (let row = from; row < to; row++) {
          const length = lengths[row] as number
          if (length < 0) continue
          const start = at[row] as number
          const ready = long?.get(row)
          if (ready !== undefined) {
            out.set(ready, start)
            continue
          }
          const value = values[row] as number
          const groups = counts[row] as number
          const zeros = dropped[row] as number
          let left = Math.abs(value) * fill
          for (let zero = 0; zero < zeros; zero++) left /= 10_000
          for (let group = groups - 1; group >= 0; group--) {
            const next = Math.floor(left / 10_000)
            put16(out, start + 8 + 2 * group, left - next * 10_000)
            left = next
          }
          put16(out, start, groups)
          put16(out, start + 2, groups === 0 ? 0 : groups + zeros - 1 - fractionGroups)
          put16(out, start + 4, value < 0 ? 0x4000 : 0)
          put16(out, start + 6, scale)
        }
      },
    }
  }
}

function put16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >> 8
  out[at + 1] = value
}
