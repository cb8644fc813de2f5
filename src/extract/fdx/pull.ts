import type { FdxProvider } from '../../config/provider.ts'
import { FdxError } from '../../errors.ts'
import { type CheckedBody, checkBody } from '../../page/check.ts'
import { type JsonValue, memberOf, parsed } from '../../page/json.ts'
import type { Entity, Mark } from '../../page/page.ts'
import { type Checkpoint, saveCheckpoint } from '../../state/checkpoints.ts'
import type { JudgedAnswer } from '../answer.ts'
import type { Extraction, Land } from '../extraction.ts'
import { landAnswer } from '../landing.ts'
import type { Query } from '../session.ts'
import { unreadable } from '../unreadable.ts'
import { cursorQuery, nextCursor } from './cursor.ts'
import { contentOf, readList } from './list.ts'
import { member } from './members.ts'
import { type ListPage, type Step, walk } from './paging.ts'
import type { Window } from './windows.ts'

/** One reading of one list of an FDX provider. */
export interface Pull {
  readonly entity: Entity
  /** The stream's name in checkpoints and issues. */
  readonly stream: string
  /** For messages: no ids. */
  readonly what: string
  readonly path: string
  /** The member of the body that holds the records. */
  readonly list: string
  readonly query: Query
  readonly accountId: string | null
  readonly window: Window | null
  readonly pullId: string
  /** Where to begin, and how many pages an earlier run has landed before it. */
  readonly cursor: string | null
  readonly pagesBefore: number
  readonly goodUntil: string | null
  /** What the loader must know of every page. */
  readonly marks?: readonly Mark[]
  /** Further checkpoints that become durable with a page of these records. */
  readonly alsoPlan?: (items: readonly JsonValue[]) => readonly Checkpoint[]
  /** Is shown each page's records before they are durable. */
  readonly onRecords?: (records: readonly JsonValue[]) => void
}

interface FdxPage extends ListPage {
  readonly answer: JudgedAnswer
  readonly checked: CheckedBody | undefined
  readonly records: readonly JsonValue[]
  readonly shape: readonly Mark[]
}

/**
 * Reads a list to its end and lands each page with the checkpoint behind it. While a page is being written,
 * the next is already asked for.
 * @returns whether every page was whole: none was a 206 (partial content)
 * @throws FdxError of the session, of `walk`, or `DISK_FULL`.
 */
export async function readPull(
  extraction: Extraction<FdxProvider>,
  pull: Pull,
): Promise<{ isWhole: boolean }> {
  let sequence = pull.pagesBefore
  let records = 0
  let total: unknown
  let isWhole = true
  const landing = openLandings(extraction.land)
  const fetchPage = (cursor: string | null) => fetchFdxPage(extraction, pull, cursor)
  try {
    for await (const step of walk(pull.what, fetchPage, pull.cursor)) {
      const { page } = step
      if (page.checked === undefined) {
        // No data, and nothing to keep: only the checkpoint moves, behind those of the pages before it.
        await landing.done()
        saveCheckpoint(extraction.state, checkpointOf(extraction, pull, sequence, step))
        continue
      }
      sequence++
      records += page.items
      total = member(parsed(memberOf(page.checked.value, 'page')), 'totalElements') ?? total
      if (page.answer.status === 206) {
        isWhole = false
        noticePartial(extraction, pull)
      }
      pull.onRecords?.(page.records)
      const place = sequence
      await landing.add(() => landPage(extraction, pull, place, step))
    }
  } finally {
    await landing.done()
  }
  if (pull.pagesBefore === 0 && typeof total === 'number' && total !== records)
    extraction.issue(
      pull.stream,
      'TOTAL_DIFFERS',
      `${pull.what}: the provider counts ${total} records, ${records} came`,
    )
  return { isWhole }
}

/** Lets pages become durable behind the reader's back, in their order; once one is lost, no other sets out. */
function openLandings(land: Land) {
  const landing = new Set<Promise<void>>()
  const failures: unknown[] = []
  let losses = land.losses()
  async function done(): Promise<void> {
    await Promise.all(landing)
    if (failures.length > 0) throw failures[0]
  }
  return {
    async add(setOut: () => Promise<void>): Promise<void> {
      if (land.losses() !== losses) await done()
      losses = land.losses()
      const page: Promise<void> = setOut()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => landing.delete(page))
      landing.add(page)
      await land.room()
    },
    done,
  }
}

async function fetchFdxPage(
  { provider, session }: Extraction<FdxProvider>,
  pull: Pull,
  cursor: string | null,
): Promise<FdxPage> {
  const answer = await session.get(pull.what, pull.path, {
    ...pull.query,
    ...(provider.pageSize === undefined ? {} : { limit: String(provider.pageSize) }),
    ...cursorQuery(cursor),
  })
  const nothing = { items: 0, content: undefined, next: null, records: [], shape: [] }
  if (answer.judgement === 'empty') return { ...nothing, answer, checked: undefined }
  const checked = checkBody(answer.body)
  const list = checked.value && readList(checked.value, pull.list)
  if (checked.value === undefined || list === undefined)
    return { ...nothing, answer, checked, problem: unreadable(pull.what, checked, pull.list) }
  const page = {
    ...nothing,
    answer,
    checked,
    items: list.items.length,
    records: list.items,
    content: contentOf(list.items),
    shape: list.shape === 'enveloped' ? [] : [list.shape],
  }
  try {
    return { ...page, next: nextCursor(checked.value, provider, pull.what) }
  } catch (error) {
    if (error instanceof FdxError) return { ...page, problem: error }
    throw error
  }
}

/** Notes that something is missing in a stream, for a 206 (partial content). */
export function noticePartial(
  { issue }: Pick<Extraction, 'issue'>,
  { stream, what }: Pick<Pull, 'stream' | 'what'>,
): void {
  issue(stream, 'PARTIAL_CONTENT', `${what}: the provider left something out; run again later`)
}

async function landPage(
  extraction: Extraction<FdxProvider>,
  pull: Pull,
  sequence: number,
  step: Step<FdxPage>,
): Promise<void> {
  const { answer, checked, records, shape } = step.page
  if (checked === undefined) return
  await landAnswer(
    extraction,
    {
      entity: pull.entity,
      pullId: pull.pullId,
      accountId: pull.accountId,
      windowStart: pull.window?.start ?? null,
      windowEnd: pull.window?.end ?? null,
      sequence,
      last: step.last,
    },
    answer,
    { ...checked, marks: [...checked.marks, ...shape, ...(pull.marks ?? [])] },
    [checkpointOf(extraction, pull, sequence, step), ...(pull.alsoPlan?.(records) ?? [])],
  )
}

/** `complete` stays 0 for a stream of windows: only its reader knows whether this was the last one. */
function checkpointOf(
  { connection, runId, world }: Extraction,
  pull: Pull,
  pages: number,
  step: Step<FdxPage>,
): Checkpoint {
  return {
    connection_id: connection.id,
    stream: pull.stream,
    run_id: runId,
    pull_id: pull.pullId,
    cursor: step.next,
    pages,
    complete: step.last && pull.window === null ? 1 : 0,
    window_start: pull.window?.start ?? null,
    window_end: pull.window?.end ?? null,
    good_until: pull.goodUntil,
    updated_at: new Date(world.now()).toISOString(),
  }
}
