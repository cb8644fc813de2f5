import { type FlinksProvider, type FlinksResource, flinksResources } from '../../config/provider.ts'
import { type Code, FdxError } from '../../errors.ts'
import { checkBody } from '../../page/check.ts'
import { isRefused, learnRefusal } from '../../state/capabilities.ts'
import { type Checkpoint, getCheckpoint, saveCheckpoint } from '../../state/checkpoints.ts'
import type { JudgedAnswer } from '../answer.ts'
import { mayHaveBegun } from '../attempt.ts'
import type { Extraction } from '../extraction.ts'
import { landAnswer } from '../landing.ts'
import { unreadable } from '../unreadable.ts'
import { flinksCalls } from './calls.ts'
import { flinksCheckpoint, heldBy, judgeKept } from './keep.ts'
import { holdSeconds, type Login, openLogin } from './login.ts'
import { noticeNightly } from './nightly.ts'

/** Failures of a summary or of statements that say nothing about the login. */
const ofOneCall: ReadonlySet<Code> = new Set([
  'NOT_SUPPORTED',
  'NOT_FOUND',
  'NO_DATA',
  'FORBIDDEN',
  'REQUEST_INVALID',
  'ANSWER_INVALID',
  'BODY_TOO_LARGE',
  'JSON_TOO_DEEP',
  'PROVIDER_STUCK',
])

/**
 * Reads one Flinks login: authorises a session, asks for what the pipeline wants, and polls while Flinks
 * works. A request that a killed run was waiting for is polled further, not started again.
 * @throws FdxError `NEEDS_MFA`, `LOGIN_REFUSED`, `PROVIDER_STUCK`, or as the session.
 */
export async function extractFlinks(extraction: Extraction<FlinksProvider>): Promise<void> {
  const { connection, pipeline, state, world } = extraction
  const login = openLogin(extraction)
  await noticeNightly(extraction)
  for (const resource of flinksResources) {
    if (!pipeline.flinks.includes(resource)) continue
    if (isRefused(state, connection.id, resource, world.now())) continue
    try {
      await read(extraction, login, resource)
    } catch (error) {
      const own = resource !== 'detail' && error instanceof FdxError && ofOneCall.has(error.code)
      if (!own) throw error
      if (error.code === 'NOT_SUPPORTED')
        learnRefusal(state, connection.id, resource, error.code, world.now())
      extraction.issue(resource, error.code, error.message, error.facts)
    }
  }
}

async function read(
  extraction: Extraction<FlinksProvider>,
  login: Login,
  resource: FlinksResource,
): Promise<void> {
  const { connection, provider, runId, state, world } = extraction
  const found = getCheckpoint(state, connection.id, resource)
  // A run that was cut off after it had everything.
  if (found?.complete === 1 && found.run_id === runId) return
  const pollMs = provider.pollMinutes * 60_000
  const waiting = found?.complete === 0 && found.cursor !== null ? found : undefined
  // Flinks keeps a request for half an hour; one that old has an answer nobody can fetch any more.
  const isAlive = waiting && world.now() - Date.parse(waiting.updated_at) < 2 * pollMs
  try {
    if (isAlive) await poll(extraction, resource, waiting)
    else await startAndRead(extraction, login, resource)
  } catch (error) {
    // A session that Flinks has forgotten is opened anew, once (facts/flinks-native.md 11).
    if (!(error instanceof FdxError) || error.code !== 'SESSION_LOST') throw error
    forget(extraction, resource)
    login.forget()
    await startAndRead(extraction, login, resource)
  }
}

async function startAndRead(
  extraction: Extraction<FlinksProvider>,
  login: Login,
  resource: FlinksResource,
): Promise<void> {
  const { provider, session } = extraction
  const { endpoint, what, body } = flinksCalls[resource]
  const { requestId, lastRefresh } = await login.session()
  if (resource === 'detail' && isHeld(extraction, lastRefresh)) return
  let answer: JudgedAnswer
  try {
    answer = await session.post(
      what,
      `/${endpoint}`,
      { RequestId: requestId, ...body(provider) },
      { credential: 'apiKey', repeatable: false, holdSeconds },
    )
  } catch (error) {
    // Nobody knows whether Flinks began: its request id tells, a second POST would not.
    if (!(error instanceof FdxError) || !mayHaveBegun(error)) throw error
    return poll(extraction, resource, waitFor(extraction, resource, requestId))
  }
  if (answer.judgement === 'pending')
    return poll(extraction, resource, waitFor(extraction, resource, requestId))
  await keep(extraction, resource, answer)
}

/** A cached session that shows what the last complete pull held already: there is nothing to fetch. */
function isHeld(extraction: Extraction<FlinksProvider>, lastRefresh: string | undefined): boolean {
  const { connection, provider, runId, state } = extraction
  const found = getCheckpoint(state, connection.id, 'detail')
  if (provider.mode !== 'cached' || lastRefresh === undefined || found?.complete !== 1) return false
  if (found.good_until !== heldBy(provider, lastRefresh)) return false
  saveCheckpoint(state, { ...found, run_id: runId })
  extraction.issue(
    'detail',
    'NOT_REFRESHED',
    'Flinks has not been at the bank since the last pull; nothing was fetched',
  )
  return true
}

const at = ({ connection, runId, world }: Extraction, stream: string, pullId?: string) => ({
  connection_id: connection.id,
  stream,
  run_id: runId,
  pull_id: pullId ?? world.uuid(),
  updated_at: new Date(world.now()).toISOString(),
})

/** Writes down what is being waited for, before the waiting begins. */
function waitFor(
  extraction: Extraction<FlinksProvider>,
  resource: FlinksResource,
  requestId: string,
): Checkpoint {
  const { connection, state } = extraction
  // How fresh the data is that was landed before: a late webhook is measured by it.
  const good_until = getCheckpoint(state, connection.id, resource)?.good_until ?? null
  const checkpoint = flinksCheckpoint(at(extraction, resource), { cursor: requestId, good_until })
  saveCheckpoint(state, checkpoint)
  return checkpoint
}

/** Polls from `waiting.updated_at` on, over restarts, for at most `pollMinutes`; a webhook ends it early. */
async function poll(
  extraction: Extraction<FlinksProvider>,
  resource: FlinksResource,
  waiting: Checkpoint,
): Promise<void> {
  const { connection, provider, session, signal, state, world } = extraction
  const { endpoint, what } = flinksCalls[resource]
  const end = Date.parse(waiting.updated_at) + provider.pollMinutes * 60_000
  const path = `/${endpoint}Async/${encodeURIComponent(waiting.cursor ?? '')}`
  for (;;) {
    if (getCheckpoint(state, connection.id, resource)?.complete === 1) return
    const answer = await session.get(what, path).catch((error: unknown) => {
      // A request that has failed gives the same answer for half an hour.
      if (!isPassing(error)) forget(extraction, resource)
      throw error
    })
    if (answer.judgement !== 'pending') return keep(extraction, resource, answer, waiting)
    if (world.now() + provider.pollSeconds * 1_000 > end) {
      forget(extraction, resource)
      throw new FdxError(
        'PROVIDER_STUCK',
        `Flinks was still working after ${provider.pollMinutes} minutes; the next run asks anew`,
      )
    }
    try {
      await world.sleep(provider.pollSeconds * 1_000, signal)
    } catch (error) {
      if (!signal.aborted) throw error
      throw new FdxError('STOPPED', 'stopped while Flinks was working; the next run polls on')
    }
  }
}

/** Whether a failed poll says nothing of the request that is polled: with a FlinksCode, Flinks speaks of it. */
const isPassing = (error: unknown) =>
  !(error instanceof FdxError) ||
  ['STOPPED', 'UNREACHABLE', 'RATE_LIMITED'].includes(error.code) ||
  mayHaveBegun(error)

function forget({ connection, state }: Extraction<FlinksProvider>, resource: FlinksResource): void {
  const found = getCheckpoint(state, connection.id, resource)
  if (found) saveCheckpoint(state, { ...found, cursor: null })
}

async function keep(
  extraction: Extraction<FlinksProvider>,
  resource: FlinksResource,
  answer: JudgedAnswer,
  waited?: Checkpoint,
): Promise<void> {
  const { entity, holds, what } = flinksCalls[resource]
  const checked = checkBody(answer.body)
  const { whole, empty, held } = judgeKept(extraction.provider, resource, checked)
  const checkpoint = flinksCheckpoint(at(extraction, resource, waited?.pull_id), {
    pages: 1,
    complete: whole ? 1 : 0,
    good_until: held,
  })
  const place = {
    entity,
    pullId: checkpoint.pull_id,
    accountId: null,
    windowStart: null,
    windowEnd: null,
    sequence: 1,
    last: whole,
  }
  await landAnswer(extraction, place, answer, checked, [checkpoint])
  if (!whole) throw unreadable(what, checked, holds)
  if (empty)
    extraction.issue(
      resource,
      'TRANSACTIONS_EMPTY',
      'account detail: accounts, but no transactions; the next run asks again',
    )
}
