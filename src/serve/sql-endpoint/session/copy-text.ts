import type { Column } from '../values/column.ts'
import type { Copy } from './state.ts'

const [tab, newline, carriage, backslash] = [9, 10, 13, 92] as const

/** Makes CopyData messages, a row each, of DataRow messages in text form. */
export function copyEncoder(copy: Copy, columns: readonly Column[]) {
  const { format, delimiter, quote } = copy
  const delimiterByte = delimiter.charCodeAt(0)
  const quoteByte = quote.charCodeAt(0)
  const escapeByte = copy.escape.charCodeAt(0)
  const nullBytes = Buffer.from(copy.nullText, 'utf8')
  const forced = columns.map(
    ({ name }) => copy.forceQuote === 'all' || copy.forceQuote.includes(name),
  )
  const single = columns.length === 1

  /** Writes one value of the text form (COPY, "Text Format"). */
  const plain = (source: Buffer, from: number, to: number, out: Buffer, start: number): number => {
    let at = start
    for (let index = from; index < to; index++) {
      const byte = source[index] as number
      const letter = escapes[byte]
      if (letter !== undefined) {
        out[at++] = backslash
        out[at++] = letter
      } else if (byte === delimiterByte) {
        out[at++] = backslash
        out[at++] = byte
      } else out[at++] = byte
    }
    return at
  }
  /** Writes one value of the CSV form; quotes only what needs them. */
  const csv = (
    source: Buffer,
    from: number,
    to: number,
    force: boolean,
    out: Buffer,
    start: number,
  ): number => {
    let quoted =
      force ||
      (to - from === nullBytes.length &&
        source.compare(nullBytes, 0, nullBytes.length, from, to) === 0)
    if (single && to - from === 2 && source[from] === backslash && source[from + 1] === 46)
      quoted = true
    for (let index = from; index < to && !quoted; index++) {
      const byte = source[index]
      quoted = byte === delimiterByte || byte === quoteByte || byte === newline || byte === carriage
    }
    let at = start
    if (!quoted) {
      for (let index = from; index < to; index++) out[at++] = source[index] as number
      return at
    }
    out[at++] = quoteByte
    for (let index = from; index < to; index++) {
      const byte = source[index] as number
      if (byte === quoteByte || byte === escapeByte) out[at++] = escapeByte
      out[at++] = byte
    }
    out[at++] = quoteByte
    return at
  }

  return {
    rows(messages: Buffer): Buffer {
      // No value grows to more than twice its bytes and two quotes; NULLs bring their own.
      const rowCount = countRows(messages)
      const out = Buffer.allocUnsafe(
        messages.length * 2 + rowCount * columns.length * (nullBytes.length + 4),
      )
      let at = 0
      for (let read = 0; read < messages.length; ) {
        const end = read + 1 + messages.readInt32BE(read + 1)
        const start = at
        out[at] = 100 // CopyData
        at += 5
        read += 7
        for (let column = 0; column < columns.length; column++) {
          if (column > 0) out[at++] = delimiterByte
          const length = messages.readInt32BE(read)
          read += 4
          if (length < 0) {
            out.set(nullBytes, at)
            at += nullBytes.length
            continue
          }
          at =
            format === 'csv'
              ? csv(messages, read, read + length, forced[column] === true, out, at)
              : plain(messages, read, read + length, out, at)
          read += length
        }
        out[at++] = newline
        out.writeInt32BE(at - start - 1, start + 1)
        read = end
      }
      return out.subarray(0, at)
    },
    /** The names of the columns. */
    header(): Buffer {
      const names = columns.map(({ name }) => Buffer.from(name, 'utf8'))
      const out = Buffer.alloc(names.reduce((sum, name) => sum + name.length * 2 + 4, 1))
      let at = 0
      names.forEach((name, index) => {
        if (index > 0) out[at++] = delimiterByte
        at =
          format === 'csv'
            ? csv(name, 0, name.length, false, out, at)
            : plain(name, 0, name.length, out, at)
      })
      out[at++] = newline
      return out.subarray(0, at)
    },
  }
}

function countRows(messages: Buffer): number {
  let rows = 0
  for (let at = 0; at < messages.length; rows++) at += 1 + messages.readInt32BE(at + 1)
  return rows
}

/** Bytes that the text form writes as a backslash and a letter. */
const escapes: readonly (number | undefined)[] = (() => {
  const table: (number | undefined)[] = []
  for (const [byte, letter] of [
    [8, 'b'],
    [12, 'f'],
    [newline, 'n'],
    [carriage, 'r'],
    [tab, 't'],
    [11, 'v'],
    [backslash, '\\'],
  ] as const)
    table[byte] = letter.charCodeAt(0)
  return table
})()
