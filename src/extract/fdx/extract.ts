import type { FdxProvider } from '../../config/provider.ts'
import { type Code, FdxError } from '../../errors.ts'
import { checkBody } from '../../page/check.ts'
import { type JsonValue, memberOf } from '../../page/json.ts'
import { type Checkpoint, getCheckpoint } from '../../state/checkpoints.ts'
import type { Extraction } from '../extraction.ts'
import { landAnswer } from '../landing.ts'
import { unreadable } from '../unreadable.ts'
import { planned, plannedAccounts, transactionStream } from './account-stream.ts'
import { accountFacts } from './list.ts'
import { type Pull, readPull } from './pull.ts'
import { forgetCursor, readResumed, resumable } from './resume.ts'
import { finishStream, type LearnedRange, readTransactions } from './transactions.ts'

/** Failures of one stream that say nothing about the connection's other streams. */
const ofOneStream: ReadonlySet<Code> = new Set([
  'CONSENT_LOST',
  'PROVIDER_DOWN',
  'NOT_FOUND',
  'NOT_SUPPORTED',
  'ACCOUNT_CLOSED',
  'NO_DATA',
  'RANGE_REFUSED',
  'REQUEST_INVALID',
  'ANSWER_INVALID',
  'REDIRECTED',
  'BODY_TOO_LARGE',
  'JSON_TOO_DEEP',
  'NEXT_LINK_ORIGIN',
  'PAGE_LOOP',
  'PAGE_LIMIT',
  'PAGE_EMPTY_RUN',
])

/** What settles an account's transactions for good: it is not asked again until its page plans it again. */
const settled: ReadonlySet<Code> = new Set([
  'NOT_FOUND',
  'NOT_SUPPORTED',
  'ACCOUNT_CLOSED',
  'NO_DATA',
])

/**
 * Reads one FDX connection: the customer, the accounts, and each account's transactions. A stream that fails
 * is recorded and the others go on.
 * @throws FdxError when the connection as a whole cannot go on, or when its list of accounts is not complete.
 */
export async function extractFdx(extraction: Extraction<FdxProvider>): Promise<void> {
  const { pipeline, connection, state, signal } = extraction
  const wanted = new Set(pipeline.resources)
  const refusals: { readonly stream: string; readonly error: FdxError }[] = []
  let answered = false
  let listFailure: FdxError | undefined

  /** Returns the failure when it is this stream's own. A refusal of consent is judged when all have been asked. */
  async function attempt(stream: string, work: () => Promise<void>): Promise<FdxError | undefined> {
    if (signal.aborted) throw new FdxError('STOPPED', 'stopped; the next run goes on from here')
    if (isRead(extraction, stream)) {
      answered = true
      return undefined
    }
    try {
      await readResumed(extraction, stream, work)
      answered = true
      return undefined
    } catch (error) {
      answered ||= extraction.meter.pages > 0
      if (!(error instanceof FdxError) || !isOfOneStream(error)) throw error
      if (error.verdict !== 'retry') forgetCursor(state, connection.id, stream)
      if (error.code === 'CONSENT_LOST') refusals.push({ stream, error })
      else extraction.issue(stream, error.code, error.message)
      return error
    }
  }

  if (wanted.has('customers')) await attempt('customers', () => readCustomer(extraction))
  if (wanted.has('accounts') || wanted.has('transactions'))
    listFailure = await attempt('accounts', () =>
      readPull(extraction, accountsPull(extraction, wanted.has('transactions'))),
    )
  if (wanted.has('transactions')) {
    const learned: LearnedRange = { days: Number.POSITIVE_INFINITY }
    for (const accountId of plannedAccounts(state, connection.id)) {
      const failure = await attempt(transactionStream(accountId), () =>
        readTransactions(extraction, accountId, learned),
      )
      if (failure && settled.has(failure.code)) finishStream(extraction, accountId)
    }
  }

  const [refusal] = refusals
  if (refusal && !answered) throw refusal.error
  for (const { stream } of refusals)
    extraction.issue(
      stream,
      'SCOPE_MISSING',
      'the consent does not cover this; connect again with its scope, or leave it out of resources',
    )
  if (listFailure && listFailure.code !== 'CONSENT_LOST') throw listFailure
}

/** A provider that cannot be reached fails all streams; a connection that breaks may be this one's fault. */
const isOfOneStream = (error: FdxError) =>
  ofOneStream.has(error.code) || error.facts['failure'] === 'broken'

/** A run that was cut off has read this stream to its end already. */
const isRead = ({ state, connection, runId }: Extraction, stream: string): boolean => {
  const found = getCheckpoint(state, connection.id, stream)
  return found?.complete === 1 && found.run_id === runId
}

async function readCustomer(extraction: Extraction<FdxProvider>): Promise<void> {
  const { connection, runId, session, world } = extraction
  const what = 'customers'
  const answer = await session.get(what, '/customers/current')
  if (answer.judgement === 'empty') return
  const checked = checkBody(answer.body)
  const place = {
    entity: 'fdx.customers',
    pullId: world.uuid(),
    accountId: null,
    windowStart: null,
    windowEnd: null,
    sequence: 1,
    last: checked.value !== undefined,
  } as const
  const bare = checked.value !== undefined && memberOf(checked.value, 'customers') === undefined
  const marks = bare ? [...checked.marks, 'bare_record' as const] : checked.marks
  const checkpoint: Checkpoint = {
    connection_id: connection.id,
    stream: what,
    run_id: runId,
    pull_id: place.pullId,
    cursor: null,
    pages: 1,
    complete: place.last ? 1 : 0,
    window_start: null,
    window_end: null,
    good_until: null,
    updated_at: new Date(world.now()).toISOString(),
  }
  await landAnswer(extraction, place, answer, { ...checked, marks }, [checkpoint])
  if (checked.value === undefined) throw unreadable(what, checked, what)
}

function accountsPull(extraction: Extraction<FdxProvider>, withTransactions: boolean): Pull {
  const { connection, issue, runId, state, world } = extraction
  const stream = 'accounts'
  const from = resumable(getCheckpoint(state, connection.id, stream), world.now())
  const fresh = () => ({
    connection_id: connection.id,
    run_id: runId,
    updated_at: new Date(world.now()).toISOString(),
  })
  const alsoPlan = (items: readonly JsonValue[]): Checkpoint[] => {
    const plans = new Map<string, Checkpoint>()
    for (const facts of items.map(accountFacts)) {
      if (facts.hasError)
        issue(stream, 'ACCOUNT_ERROR', 'accounts: an account came with an error; run again later')
      if (facts.id === null)
        issue(stream, 'ACCOUNT_WITHOUT_ID', 'accounts: an account came without an id')
      else if (withTransactions && !facts.withoutTransactions) {
        const found = getCheckpoint(state, connection.id, transactionStream(facts.id))
        plans.set(facts.id, planned(found, fresh(), facts.id))
      }
    }
    return [...plans.values()]
  }
  return {
    entity: 'fdx.accounts',
    stream,
    what: 'accounts',
    path: '/accounts',
    list: 'accounts',
    query: { resultType: 'details' },
    accountId: null,
    window: null,
    pullId: from?.pull_id ?? world.uuid(),
    cursor: from?.cursor ?? null,
    pagesBefore: from?.pages ?? 0,
    goodUntil: null,
    alsoPlan,
  }
}
