import { textBatch } from '../values/rows.ts'
import type { Fetch } from './read-ahead.ts'

/**
 * DuckDB's plan as PostgreSQL shows one: a column, a row for each line.
 * @param fetch gives rows of (explain_key, explain_value)
 */
export function explainBatch(fetch: Fetch): Fetch {
  return async (abandon) => {
    const batch = await fetch(abandon)
    if (batch === null) return null
    const lines = Array.from({ length: batch.rows }, (_, row) =>
      valuesOf(batch.messages('D', row, row + 1)),
    ).flatMap((values) => (values.at(-1) ?? '').replace(/\n+$/, '').split('\n'))
    return textBatch(lines.map((line) => [line]))
  }
}

/** The values of one DataRow message in text form. */
function valuesOf(message: Buffer): (string | null)[] {
  const count = message.readInt16BE(5)
  let at = 7
  return Array.from({ length: count }, () => {
    const length = message.readInt32BE(at)
    at += 4
    if (length < 0) return null
    const text = message.toString('utf8', at, at + length)
    at += length
    return text
  })
}
