import type { Mark } from '../page/page.ts'

/** A line of a segment: what the loader asks of its envelope, and where its body is. */
export interface OpenLine {
  readonly id: string
  readonly connection: string
  readonly marks: readonly Mark[]
  readonly line: Buffer
  readonly bodyStart: number
  readonly bodyEnd: number
}

/** A quote inside a string is escaped, so that this is the member. */
const body = Buffer.from(',"body":')
const closeObject = 0x7d

/** Reads the envelope only. `undefined` when the line is not a page. */
export function openLine(line: Buffer): OpenLine | undefined {
  const at = line.indexOf(body)
  const bodyEnd = line.lastIndexOf(closeObject)
  if (at < 0 || bodyEnd < at) return undefined
  try {
    const envelope: unknown = JSON.parse(`${line.toString('utf8', 0, at)}}`)
    if (typeof envelope !== 'object' || envelope === null || !('page_id' in envelope))
      return undefined
    const { page_id, connection_id, marks } = envelope as Record<string, unknown>
    return {
      id: String(page_id),
      connection: String(connection_id),
      marks: Array.isArray(marks) ? marks : [],
      line,
      bodyStart: at + body.length,
      bodyEnd,
    }
  } catch {
    return undefined
  }
}
