import duckdb from '@duckdb/node-bindings'
import { PgError } from '../pg-error.ts'
import { bytesOf, type Encoder, isValid, validityOf } from './cells.ts'

/** Up to so many bytes DuckDB keeps a string inside its 16-byte entry; a longer one has a pointer there. */
const inlined = 12
/** Where copying with a native call overtakes a loop. */
const loopBelow = 48

/**
 * UTF-8 bytes of a column of strings, as they lie in DuckDB's memory. Strings that lie one behind the other, as most do,
 * are fetched with one call.
 */
export function readStrings(vector: duckdb.Vector, rows: number) {
  const entries = bytesOf(vector, rows, 16)
  const words = new Uint32Array(entries.buffer, entries.byteOffset, rows * 4)
  const valid = validityOf(vector, rows)
  const lengths = new Int32Array(rows)
  const sources: Uint8Array[] = new Array(rows)
  const offsets = new Int32Array(rows)
  let run:
    | { readonly first: number; readonly rows: number[]; bytes: number; next: number }
    | undefined
  const fetchRun = () => {
    if (run === undefined) return
    const at = entries.byteOffset + run.first * 16 + 8
    const bytes = duckdb.get_data_from_pointer(entries.buffer as ArrayBuffer, at, run.bytes)
    let offset = 0
    for (const row of run.rows) {
      sources[row] = bytes
      offsets[row] = offset
      offset += lengths[row] as number
    }
    run = undefined
  }
  for (let row = 0; row < rows; row++) {
    if (valid !== null && !isValid(valid, row)) {
      lengths[row] = -1
      continue
    }
    const length = words[4 * row] as number
    lengths[row] = length
    if (length <= inlined) {
      sources[row] = entries
      offsets[row] = row * 16 + 4
      continue
    }
    const pointer = (words[4 * row + 3] as number) * 0x1_0000_0000 + (words[4 * row + 2] as number)
    if (run === undefined || run.next !== pointer || run.bytes > 1 << 20) {
      fetchRun()
      run = { first: row, rows: [], bytes: 0, next: pointer }
    }
    run.rows.push(row)
    run.bytes += length
    run.next = pointer + length
  }
  fetchRun()
  return { lengths, sources, offsets }
}

/** The first value of a column of strings, empty for NULL. */
export function firstString(vector: duckdb.Vector): string {
  const { lengths, sources, offsets } = readStrings(vector, 1)
  const [source, offset = 0, length = 0] = [sources[0], offsets[0], lengths[0]]
  return source === undefined || length <= 0
    ? ''
    : Buffer.from(source.subarray(offset, offset + length)).toString('utf8')
}

/** Text as it is; both formats are the same. */
export const strings: Encoder = (vector, rows) => {
  const { lengths, sources, offsets } = readStrings(vector, rows)
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        const length = lengths[row] as number
        if (length <= 0) continue
        const source = sources[row] as Uint8Array
        const offset = offsets[row] as number
        const start = at[row] as number
        if (length < loopBelow)
          for (let index = 0; index < length; index++) {
            const byte = source[offset + index] as number
            if (byte === 0) throw nul()
            out[start + index] = byte
          }
        else {
          const bytes = source.subarray(offset, offset + length)
          if (bytes.indexOf(0) >= 0) throw nul()
          out.set(bytes, start)
        }
      }
    },
  }
}

/** No PostgreSQL client expects a NUL in a text; most would cut the value there. */
const nul = () =>
  new PgError('22021', 'invalid byte sequence for encoding "UTF8": 0x00', {
    hint: "A text holds a NUL; take it out with replace(column, chr(0), '').",
  })

const hexDigits = Buffer.from('0123456789abcdef', 'latin1')

/** BLOBs as `\x…`. */
export const hexes: Encoder = (vector, rows) => {
  const { lengths: sizes, sources, offsets } = readStrings(vector, rows)
  const lengths = sizes.map((size) => (size < 0 ? -1 : 2 + 2 * size))
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        const size = sizes[row] as number
        if (size < 0) continue
        const source = sources[row] as Uint8Array
        const offset = offsets[row] as number
        let place = at[row] as number
        out[place++] = 92
        out[place++] = 120
        for (let index = 0; index < size; index++) {
          const byte = source[offset + index] as number
          out[place++] = hexDigits[byte >> 4] as number
          out[place++] = hexDigits[byte & 15] as number
        }
      }
    },
  }
}

/** BLOBs as they are. */
export const blobs: Encoder = (vector, rows) => {
  const { lengths, sources, offsets } = readStrings(vector, rows)
  return {
    lengths,
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        const length = lengths[row] as number
        if (length <= 0) continue
        const offset = offsets[row] as number
        out.set((sources[row] as Uint8Array).subarray(offset, offset + length), at[row])
      }
    },
  }
}
