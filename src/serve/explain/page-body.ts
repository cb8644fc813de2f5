import { existsSync, readFileSync } from 'node:fs'
import { contents } from '../../land/frames.ts'

const bodyMember = Buffer.from(',"body":')

/**
 * The body of one page, its bytes as they were landed; undefined where the segment is gone or does not have it.
 * @throws FdxError `SEGMENT_INVALID` when the file is damaged before the page.
 */
export function pageBody(segmentFile: string, pageId: string): Buffer | undefined {
  if (!existsSync(segmentFile)) return undefined
  const mark = Buffer.from(`"page_id":${JSON.stringify(pageId)}`)
  for (const lines of contents(readFileSync(segmentFile))) {
    for (let start = 0; start < lines.length; ) {
      const lineEnd = lines.indexOf(0x0a, start)
      const end = lineEnd < 0 ? lines.length : lineEnd
      // The envelope comes first, and holds no member of this name.
      const body = lines.indexOf(bodyMember, start)
      const found = lines.indexOf(mark, start)
      if (found >= 0 && found < body && body < end)
        return lines.subarray(body + bodyMember.length, end - 1)
      start = end + 1
    }
  }
  return undefined
}
