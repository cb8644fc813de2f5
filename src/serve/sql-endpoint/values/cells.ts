import duckdb from '@duckdb/node-bindings'

/** The values of one column of one chunk, measured and ready to be written. */
export interface Cells {
  /** Bytes of each row's value; -1 for NULL. */
  readonly lengths: Int32Array
  /**
   * Writes the values of rows `from` to `to` (without it), each at its place in `at`. NULLs write nothing. Places are not
   * moved.
   */
  write(out: Buffer, at: Int32Array, from: number, to: number): void
}

/** Reads a vector of DuckDB that has `rows` rows. */
export type Encoder = (vector: duckdb.Vector, rows: number) => Cells

/** A bit for each row, set where there is a value; null when all have one. */
export function validityOf(vector: duckdb.Vector, rows: number): Uint8Array | null {
  const bits = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8) as Uint8Array | null
  return bits !== null && bits.length > 0 ? bits : null
}

export const isValid = (bits: Uint8Array | null, row: number): boolean =>
  bits === null || ((bits[row >> 3] as number) & (1 << (row & 7))) !== 0

/** Little-endian views of a vector's values; DuckDB's vectors are aligned. */
export function bytesOf(vector: duckdb.Vector, rows: number, width: number): Uint8Array {
  return duckdb.vector_get_data(vector, rows * width)
}

export const int32s = (bytes: Uint8Array) =>
  new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
export const int16s = (bytes: Uint8Array) =>
  new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1)
export const float64s = (bytes: Uint8Array) =>
  new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 3)
export const bigints = (bytes: Uint8Array) =>
  new BigInt64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 3)

/** Cells of values that were encoded one by one. */
export function cellsOf(values: readonly (Uint8Array | null)[]): Cells {
  return {
    lengths: Int32Array.from(values, (value) => (value === null ? -1 : value.length)),
    write(out, at, from, to) {
      for (let row = from; row < to; row++) {
        const value = values[row]
        if (value) out.set(value, at[row])
      }
    },
  }
}

/** Lengths of a column whose every value has the same. */
export function fixedLengths(rows: number, width: number, valid: Uint8Array | null): Int32Array {
  const lengths = new Int32Array(rows).fill(width)
  if (valid !== null)
    for (let row = 0; row < rows; row++) if (!isValid(valid, row)) lengths[row] = -1
  return lengths
}
