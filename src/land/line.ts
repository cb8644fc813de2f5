import type { Page, PageEnvelope } from '../page/page.ts'

const bodyMember = Buffer.from(',"body":')
const lineEnd = Buffer.from('}\n')

/**
 * Pages as they stand in a segment, a line each: the envelope's members, then the body's bytes, then a line
 * break. Bodies are large, so all of it is put together in one copy.
 * @param memory gives room for so many bytes; what is returned lies in it.
 */
export function linesOf(
  pages: readonly Page[],
  memory: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const parts = pages.flatMap(({ envelope, body }) => [
    Buffer.from(JSON.stringify(envelope).slice(0, -1)),
    bodyMember,
    body,
    lineEnd,
  ])
  const lines = memory(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    lines.set(part, at)
    at += part.length
  }
  return lines.subarray(0, at)
}

/** Reads the envelope of each line without parsing bodies. `lines` are whole lines. */
export function* envelopesOf(lines: Buffer): Generator<PageEnvelope> {
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(0x0a, start)
    const body = lines.indexOf(bodyMember, start)
    // The envelope holds no member of that name, and quotes inside its texts are escaped.
    yield JSON.parse(`${lines.toString('utf8', start, body)}}`) as PageEnvelope
    start = end + 1
  }
}
