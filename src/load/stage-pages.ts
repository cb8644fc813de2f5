import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { layouts } from './layout.ts'
import { openLines } from './lines.ts'
import { emptyBody, mendBody } from './mend.ts'
import { type OpenLine, openLine } from './page-line.ts'
import { isDamage, type Segment, segmentLines } from './segments.ts'
import { openSplitter } from './split.ts'

/** A line of a segment, or (without one) the end of the segment. */
export interface Landed {
  readonly segment: Segment
  readonly line?: Buffer
  /** Number of the line in its segment, from 1. */
  readonly nth?: number
  readonly isDamaged?: true
}

/** Everything in the segments, in order; of one whose bytes are not what was written, what stands before the damage. */
export function* landedLines(segments: Iterable<Segment>): Generator<Landed> {
  for (const segment of segments) {
    let nth = 0
    try {
      for (const line of segmentLines(segment)) yield { segment, line, nth: ++nth }
      yield { segment }
    } catch (error) {
      if (!isDamage(error)) throw error
      yield { segment, isDamaged: true }
    }
  }
}

/** What could not be read of a page, or of a line that is no page. */
export interface LostPage {
  readonly page: number | null
  readonly key: string
  readonly reason: string
}

/** Pages written to files of the scratch folder, as DuckDB may read them. */
export interface StagedPages {
  readonly ids: readonly string[]
  readonly bytes: number
  readonly lost: readonly LostPage[]
  /** Segments whose last page is in this batch. */
  readonly ended: readonly Segment[]
  readonly damaged: readonly Segment[]
  readonly pages: LineFile
  readonly transactions: LineFile
  /** Names of the members that some transaction has. */
  readonly present: ReadonlySet<string>
}

export interface LineFile {
  readonly file: string
  readonly bytes: number
  readonly longest: number
}

export interface StageOptions {
  readonly scratch: string
  /** Bytes of pages after which a batch is full. */
  readonly batchBytes: number
  /** Connections that were purged: nothing of their pages is kept, not even as a reject. */
  readonly purged: ReadonlySet<string>
  /** Only these pages. */
  readonly only?: ReadonlySet<string>
  /** How the pages are taken: as they came where that can be, all mended, or empty, for DuckDB fails on them. */
  readonly take: 'most' | 'mended' | 'empty'
}

/** Bytes of pages after which others have their turn. */
const turnBytes = 1024 * 1024

/**
 * Writes the next pages to files: `pages.ndjson` has a line a page, its envelope, number and segment, and its
 * records; `transactions.ndjson` the lists of transactions. Most pages are copied by their bytes; those
 * that DuckDB would read wrongly are mended.
 */
export async function stagePages(
  landed: Iterator<Landed>,
  options: StageOptions,
): Promise<StagedPages> {
  const files = {
    pages: join(options.scratch, 'pages.ndjson'),
    transactions: join(options.scratch, 'transactions.ndjson'),
  }
  using pages = openLines(files.pages)
  using transactions = openLines(files.transactions)
  let splitter: ReturnType<typeof openSplitter>
  const ids: string[] = []
  const seen = new Set<string>()
  const lost: LostPage[] = []
  const ended: Segment[] = []
  const damaged: Segment[] = []
  let bytes = 0

  /** Writes a page; false when its body must be mended first. */
  const write = (page: OpenLine, segment: Segment, body: Buffer, isMended: boolean): boolean => {
    pages.text(`{"n":${ids.length},"segment":${JSON.stringify(segment.name)},`)
    pages.copy(page.line, 1, page.bodyStart)
    splitter ??= openSplitter(segment.entity, pages, transactions)
    if (splitter === undefined) pages.copy(body, 0, body.length)
    else if (!splitter.split(body, ids.length, isMended)) {
      pages.takeBack()
      transactions.takeBack()
      return false
    }
    if (segment.entity === 'fdx.transactions') pages.text('null')
    pages.text('}')
    pages.endLine()
    pages.keep()
    transactions.keep()
    return true
  }

  const take = (page: OpenLine, segment: Segment) => {
    const { entity } = segment
    const asItCame = page.line.subarray(page.bodyStart, page.bodyEnd)
    const canBeCopied =
      options.take === 'most' && page.marks.every((mark) => mark === 'descriptors')
    if (canBeCopied && layouts[entity] !== undefined && write(page, segment, asItCame, false))
      return
    const mended =
      options.take === 'empty'
        ? { body: emptyBody(entity), reason: 'PAGE_FAILED' }
        : mendBody(asItCame.toString('utf8'), entity, page.marks)
    const reason = write(page, segment, Buffer.from(mended.body), true)
      ? mended.reason
      : 'PAGE_UNREADABLE'
    if (reason === 'PAGE_UNREADABLE' && mended.reason === undefined)
      write(page, segment, Buffer.from(emptyBody(entity)), true)
    if (reason !== undefined) lost.push({ page: ids.length, key: page.id, reason })
  }

  for (let next = landed.next(); !next.done; next = landed.next()) {
    const { segment, line } = next.value
    if (next.value.isDamaged) damaged.push(segment)
    else if (line === undefined) ended.push(segment)
    else {
      const page = openLine(line)
      if (page === undefined) {
        if (options.only === undefined)
          lost.push({
            page: null,
            key: `${segment.name}:${next.value.nth}`,
            reason: 'PAGE_UNREADABLE',
          })
        continue
      }
      if (options.purged.has(page.connection)) continue
      if (seen.has(page.id) || options.only?.has(page.id) === false) continue
      seen.add(page.id)
      take(page, segment)
      ids.push(page.id)
      if ((bytes % turnBytes) + line.length >= turnBytes) await nextTurn()
      bytes += line.length
      if (bytes >= options.batchBytes) break
    }
  }
  const fileOf = (name: 'pages' | 'transactions', file: typeof pages): LineFile => ({
    file: files[name],
    bytes: file.size(),
    longest: file.longest(),
  })
  return {
    ids,
    bytes,
    lost,
    ended,
    damaged,
    pages: fileOf('pages', pages),
    transactions: fileOf('transactions', transactions),
    present: splitter?.present ?? new Set(),
  }
}
