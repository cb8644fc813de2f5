import type { FdxProvider } from '../../config/provider.ts'
import { FdxError } from '../../errors.ts'
import type { JsonValue } from '../../page/json.ts'
import type { Entity } from '../../page/page.ts'
import { type Checkpoint, getCheckpoint } from '../../state/checkpoints.ts'
import { hasIssue } from '../../state/runs.ts'
import type { Extraction } from '../extraction.ts'
import { accountStream, finishStream, pathSegment } from './account-stream.ts'
import { noticePartial, readPull } from './pull.ts'
import { resumable } from './resume.ts'
import { before, dayOf, lengthOf, newest, planWindow, type Window } from './windows.ts'

/** The longest window that a provider has accepted after refusing a longer one; for the accounts that follow. */
export interface LearnedRange {
  days: number
}

/** A range that is refused at this length is refused for its age, not for its length. Days. */
const shortestDays = 7

/** A list of an account that is asked for by dates. */
export interface WindowedList {
  readonly resource: 'transactions' | 'statements'
  readonly entity: Entity
  readonly learned: LearnedRange
  /** Is shown each page's records before they are durable. */
  readonly onRecords?: (records: readonly JsonValue[]) => void
  /** What belongs to the stream besides its pages: it is complete only when this is done as well. */
  readonly afterwards?: () => Promise<void>
}

/**
 * Reads one account's transactions or statements, newest window first: all at once where the provider allows
 * it, in shorter windows where it refuses the range (FDX 703).
 * @throws FdxError as `readPull`; `RANGE_REFUSED` when not even the newest days may be asked for.
 */
export async function readWindows(
  extraction: Extraction<FdxProvider>,
  accountId: string,
  list: WindowedList,
): Promise<void> {
  const { pipeline, provider, state, world, connection } = extraction
  const { learned, resource } = list
  const stream = accountStream(resource, accountId)
  const path = `/accounts/${pathSegment(accountId)}/${resource}`
  const found = getCheckpoint(state, connection.id, stream)
  const goodUntil = found?.good_until ?? null
  const whole = planWindow({
    today: dayOf(world.now()),
    historyDays: pipeline.historyDays ?? provider.historyDays,
    lookbackDays: pipeline.lookbackDays,
    goodUntil,
  })
  const at = resumable(found, world.now())
  const resumed = at?.window_start && at.window_end ? at : undefined
  const end = resumed?.window_end ?? whole.end

  let left: Window | undefined = { start: whole.start, end }
  let days = Math.min(learned.days, lengthOf(left))
  let resume: Checkpoint | undefined = resumed
  let anyRead = false
  // What was partial before the reading was cut off makes all of it partial.
  const partial = resumed && { ...resumed, code: 'PARTIAL_CONTENT' }
  let isWhole = !(partial && hasIssue(state, partial))
  if (!isWhole) noticePartial(extraction, { stream, what: resource })
  let refused = false
  while (left) {
    const window: Window = resume?.window_start
      ? { start: resume.window_start, end }
      : newest(left, days)
    try {
      const read = { list, stream, path, accountId, window, goodUntil, resume }
      if (!(await readWindow(extraction, read)).isWhole) isWhole = false
    } catch (error) {
      if (!(error instanceof FdxError) || error.code !== 'RANGE_REFUSED') throw error
      resume = undefined
      refused = true
      if (lengthOf(window) > shortestDays) {
        days = Math.max(shortestDays, Math.ceil(lengthOf(window) / 2))
        continue
      }
      if (!anyRead) throw error
      extraction.issue(
        stream,
        'HISTORY_SHORT',
        `${resource}: the provider gives nothing before ${left.end}`,
      )
      break
    }
    if (!anyRead && refused) learned.days = Math.max(lengthOf(window), shortestDays)
    anyRead = true
    resume = undefined
    left = before(left, window)
  }
  await list.afterwards?.()
  // What a partial answer left out is asked for again: the days stay as good as they were.
  await state.durably(() => finishStream(extraction, stream, isWhole ? end : undefined))
}

interface WindowPull {
  readonly list: WindowedList
  readonly stream: string
  readonly path: string
  readonly accountId: string
  readonly window: Window
  readonly goodUntil: string | null
  readonly resume: Checkpoint | undefined
}

function readWindow(
  extraction: Extraction<FdxProvider>,
  pull: WindowPull,
): Promise<{ isWhole: boolean }> {
  const { provider, world } = extraction
  const { list, window, resume } = pull
  return readPull(extraction, {
    entity: list.entity,
    stream: pull.stream,
    what: list.resource,
    path: pull.path,
    list: list.resource,
    query:
      provider.windowParameters === 'startDate'
        ? { startDate: window.start, endDate: window.end }
        : { startTime: window.start, endTime: window.end },
    accountId: pull.accountId,
    window,
    pullId: resume?.pull_id ?? world.uuid(),
    cursor: resume?.cursor ?? null,
    pagesBefore: resume?.pages ?? 0,
    goodUntil: pull.goodUntil,
    ...(list.onRecords && { onRecords: list.onRecords }),
  })
}
