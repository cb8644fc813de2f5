import type { Page, PageEnvelope } from '../page/page.ts'

const bodyMember = Buffer.from(',"body":')
const lineEnd = Buffer.from('}\n')

/**
 * Pages as they stand in a segment, a line each: the envelope's members, then the body's bytes, then a line
 * break. Bodies are large, so all of it is put together in one copy.
 */
export function linesOf(pages: readonly Page[]): Buffer {
  return Buffer.concat(
    pages.flatMap(({ envelope, body }) => [
      Buffer.from(JSON.stringify(envelope).slice(0, -1)),
      bodyMember,
      body,
      lineEnd,
    ]),
  )
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
