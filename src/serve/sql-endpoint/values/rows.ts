import duckdb from '@duckdb/node-bindings'
import { PgError } from '../pg-error.ts'
import { type Cells, cellsOf, type Encoder } from './cells.ts'

/** Rows that are ready to be sent, in parts of any size. */
export interface Batch {
  readonly rows: number
  /** Where to end so that rows from `from` on take about `bytes` at most; one row at least. */
  endOf(from: number, to: number, bytes: number): number
  /** Messages of type `type` (`D` DataRow; `d` CopyData in binary form, whose body is the same) for rows `from` to `to`. */
  messages(type: 'D' | 'd', from: number, to: number): Buffer
  /** The memory that the rows are read from: it must live as long as they do. */
  readonly source?: unknown
}

/** A batch that takes more is not encoded before it is asked for. Bytes. */
const mostEarly = 4 * 1_048_576

/**
 * Reads a chunk of DuckDB, column by column.
 * @param maxValue bytes; a larger value ends the query
 * @param early encode the rows as soon as they are there: while a client that asks for so many at a time reads those before
 * @throws PgError 53400
 */
export function batchOf(
  chunk: duckdb.DataChunk,
  encoders: readonly Encoder[],
  maxValue: number,
  early: boolean,
): Batch {
  const rows = duckdb.data_chunk_get_size(chunk)
  const cells = encoders.map((encode, column) =>
    encode(duckdb.data_chunk_get_vector(chunk, column), rows),
  )
  for (const { lengths } of cells)
    for (let row = 0; row < rows; row++)
      if ((lengths[row] as number) > maxValue) throw tooLarge(maxValue)
  const ahead =
    early && endOf(cells, 0, rows, mostEarly) === rows
      ? rowMessages(cells, dataRow, 0, rows)
      : undefined
  return {
    rows,
    endOf: (from, to, bytes) => endOf(cells, from, to, bytes),
    messages: (type, from, to) =>
      ahead && type === 'D'
        ? ahead.bytes.subarray(ahead.starts[from], ahead.starts[to])
        : rowMessages(cells, type.charCodeAt(0), from, to).bytes,
    source: chunk,
  }
}

const dataRow = 'D'.charCodeAt(0)

const tooLarge = (maxValue: number) =>
  new PgError(
    '53400',
    `a value is larger than the limit of ${Math.floor(maxValue / 1_048_576)} MB`,
    {
      hint: 'Select a part of it, or raise valueMegabytes of the role in pipelines/serve/serve.yaml.',
    },
  )

function endOf(cells: readonly Cells[], from: number, to: number, bytes: number): number {
  let size = 0
  for (let row = from; row < to; row++) {
    for (const { lengths } of cells) size += lengths[row] as number
    if (size > bytes && row > from) return row
  }
  return to
}

interface Encoded {
  readonly bytes: Buffer
  /** Where the message of each row begins, by its number in the batch, and where the last one ends. */
  readonly starts: Int32Array
}

function rowMessages(cells: readonly Cells[], type: number, from: number, to: number): Encoded {
  const columns = cells.length
  const starts = new Int32Array(to + 1)
  let size = 0
  for (let row = from; row < to; row++) {
    starts[row] = size
    size += 7 + 4 * columns
    for (let column = 0; column < columns; column++) {
      const length = (cells[column] as Cells).lengths[row] as number
      if (length > 0) size += length
    }
  }
  starts[to] = size
  const out = Buffer.allocUnsafe(size)
  for (let row = from; row < to; row++) {
    const start = starts[row] as number
    out[start] = type
    const length = (starts[row + 1] as number) - start - 1
    out[start + 1] = length >>> 24
    out[start + 2] = length >>> 16
    out[start + 3] = length >>> 8
    out[start + 4] = length
    out[start + 5] = columns >>> 8
    out[start + 6] = columns
  }
  /** Where the next field of each row goes. */
  const places = starts.slice(0, to)
  for (let row = from; row < to; row++) places[row] = (places[row] as number) + 7
  for (const { lengths, write } of cells) {
    for (let row = from; row < to; row++) {
      const at = places[row] as number
      const length = lengths[row] as number
      out[at] = length >>> 24
      out[at + 1] = length >>> 16
      out[at + 2] = length >>> 8
      out[at + 3] = length
      places[row] = at + 4
    }
    write(out, places, from, to)
    for (let row = from; row < to; row++) {
      const length = lengths[row] as number
      if (length > 0) places[row] = (places[row] as number) + length
    }
  }
  return { bytes: out, starts }
}

/** Rows that this server makes itself (SHOW, EXPLAIN), all text. */
export function textBatch(rows: readonly (readonly (string | null)[])[]): Batch {
  const columns = rows[0]?.length ?? 0
  const cells = Array.from({ length: columns }, (_, column) =>
    cellsOf(
      rows.map((row) => {
        const value = row[column] ?? null
        return value === null ? null : Buffer.from(value, 'utf8')
      }),
    ),
  )
  return {
    rows: rows.length,
    endOf: (from, to, bytes) => endOf(cells, from, to, bytes),
    messages: (type, from, to) => rowMessages(cells, type.charCodeAt(0), from, to).bytes,
  }
}
