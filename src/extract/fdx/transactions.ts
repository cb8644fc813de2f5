import type { FdxProvider } from '../../config/provider.ts'
import { FdxError } from '../../errors.ts'
import { type Checkpoint, getCheckpoint, saveCheckpoint } from '../../state/checkpoints.ts'
import type { Extraction } from '../extraction.ts'
import { pathSegment, transactionStream } from './account-stream.ts'
import { readPull } from './pull.ts'
import { resumable } from './resume.ts'
import { before, dayOf, lengthOf, newest, planWindow, type Window } from './windows.ts'

/** The longest window that a provider has accepted after refusing a longer one; for the accounts that follow. */
export interface LearnedRange {
  days: number
}

/** A range that is refused at this length is refused for its age, not for its length. Days. */
const shortestDays = 7

/**
 * Reads one account's transactions, newest window first: all at once where the provider allows it, in
 * shorter windows where it refuses the range (FDX 703).
 * @throws FdxError as `readPull`; `RANGE_REFUSED` when not even the newest days may be asked for.
 */
export async function readTransactions(
  extraction: Extraction<FdxProvider>,
  accountId: string,
  learned: LearnedRange,
): Promise<void> {
  const { pipeline, provider, state, world, connection } = extraction
  const stream = transactionStream(accountId)
  const path = `/accounts/${pathSegment(accountId)}/transactions`
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
  let refused = false
  while (left) {
    const window: Window = resume?.window_start
      ? { start: resume.window_start, end }
      : newest(left, days)
    try {
      await readWindow(extraction, { stream, path, accountId, window, goodUntil, resume })
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
        `transactions: the provider gives nothing before ${left.end}`,
      )
      break
    }
    if (!anyRead && refused) learned.days = Math.max(lengthOf(window), shortestDays)
    anyRead = true
    resume = undefined
    left = before(left, window)
  }
  finishStream(extraction, accountId, end)
}

interface WindowPull {
  readonly stream: string
  readonly path: string
  readonly accountId: string
  readonly window: Window
  readonly goodUntil: string | null
  readonly resume: Checkpoint | undefined
}

async function readWindow(extraction: Extraction<FdxProvider>, pull: WindowPull): Promise<void> {
  const { provider, world } = extraction
  const { window, resume } = pull
  await readPull(extraction, {
    entity: 'fdx.transactions',
    stream: pull.stream,
    what: 'transactions',
    path: pull.path,
    list: 'transactions',
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
  })
}

/** Nothing is left to ask about this account. `goodUntil` undefined: it stays as it was. */
export function finishStream(
  { connection, runId, state, world }: Extraction,
  accountId: string,
  goodUntil?: string,
): void {
  const stream = transactionStream(accountId)
  const found = getCheckpoint(state, connection.id, stream)
  saveCheckpoint(state, {
    connection_id: connection.id,
    stream,
    run_id: runId,
    pull_id: found?.pull_id ?? '',
    cursor: null,
    pages: found?.pages ?? 0,
    complete: 1,
    window_start: found?.window_start ?? null,
    window_end: found?.window_end ?? null,
    good_until: goodUntil ?? found?.good_until ?? null,
    updated_at: new Date(world.now()).toISOString(),
  })
}
