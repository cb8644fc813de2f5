import { hash } from 'node:crypto'
import { FdxError } from '../../errors.ts'

const fingerprint = (cursor: string) => hash('sha256', cursor, 'base64')

/** One page of a list, as far as walking needs to know it. */
export interface ListPage {
  /** Records on it. */
  readonly items: number
  /** Tells pages with equal records apart from others; undefined when it has none. */
  readonly content: string | undefined
  /** The cursor of the page after it; null at the end. */
  readonly next: string | null
  /** Why nothing can come after it. The page itself is kept. */
  readonly problem?: FdxError | undefined
}

export interface Step<P extends ListPage> {
  readonly page: P
  /** Where to go on; null at the end, and where going on is refused. */
  readonly next: string | null
  /** The list has been read to its end. */
  readonly last: boolean
}

export interface WalkLimits {
  readonly maxPages: number
  readonly maxItems: number
  /** Pages in a row that may be empty, or may hold the records of an earlier page. */
  readonly maxIdleRun: number
}

export const walkLimits: WalkLimits = { maxPages: 10_000, maxItems: 5_000_000, maxIdleRun: 3 }

/**
 * Walks a list from `start` (null: its beginning) to its end, and yields every page that came, also the one
 * after which it stops.
 * @throws FdxError `PAGE_LOOP` on any cursor that comes back or on the same records again and again,
 *   `PAGE_LIMIT`, `PAGE_EMPTY_RUN`, the page's own `problem`, and what `fetchPage` throws.
 */
export async function* walk<P extends ListPage>(
  what: string,
  fetchPage: (cursor: string | null) => Promise<P>,
  start: string | null,
  limits: WalkLimits = walkLimits,
): AsyncGenerator<Step<P>> {
  // By their fingerprints: a cursor may be long, and there may be many.
  const cursors = new Set(start === null ? [] : [fingerprint(start)])
  const contents = new Set<string>()
  let pages = 0
  let items = 0
  let emptyRun = 0
  let repeatRun = 0
  for (let cursor = start; ; ) {
    const page = await fetchPage(cursor)
    pages++
    items += page.items
    emptyRun = page.items === 0 ? emptyRun + 1 : 0
    repeatRun = page.content !== undefined && contents.has(page.content) ? repeatRun + 1 : 0
    if (page.content !== undefined) contents.add(page.content)

    const problem = page.problem ?? (page.next === null ? undefined : obstacle(page.next))
    const next = problem ? null : page.next
    yield { page, next, last: !problem && next === null }
    if (problem) throw problem
    if (next === null) return
    cursors.add(fingerprint(next))
    cursor = next
  }

  function obstacle(next: string): FdxError | undefined {
    const stop = (code: 'PAGE_LOOP' | 'PAGE_LIMIT' | 'PAGE_EMPTY_RUN', text: string) =>
      new FdxError(code, `${what}: ${text}; the pages so far are kept, ask the provider`, {
        facts: { pages },
      })
    if (cursors.has(fingerprint(next)))
      return stop('PAGE_LOOP', 'the provider offers a page a second time')
    if (repeatRun > limits.maxIdleRun)
      return stop('PAGE_LOOP', 'the same records come again and again')
    if (emptyRun > limits.maxIdleRun) return stop('PAGE_EMPTY_RUN', 'too many empty pages in a row')
    if (pages >= limits.maxPages || items >= limits.maxItems)
      return stop('PAGE_LIMIT', 'the list does not end')
    return undefined
  }
}
