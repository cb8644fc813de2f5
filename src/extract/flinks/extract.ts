import type { FlinksProvider } from '../../config/provider.ts'
import { FdxError } from '../../errors.ts'
import { checkBody } from '../../page/check.ts'
import { memberOf } from '../../page/json.ts'
import { type Checkpoint, getCheckpoint, saveCheckpoint } from '../../state/checkpoints.ts'
import { answerError } from '../advice.ts'
import type { Extraction } from '../extraction.ts'
import { landAnswer } from '../landing.ts'
import { type JudgedAnswer, mayHaveBegun } from '../session.ts'
import { unreadable } from '../unreadable.ts'
import { readMember } from './codes.ts'

const stream = 'detail'
const what = 'account detail'

/** Flinks may hold a call for 210 seconds before it answers (facts/flinks-native.md 1). */
const holdSeconds = 240

/**
 * Reads one Flinks login: authorises a session, asks for everything at once, and polls while Flinks works. A
 * request that a killed run was waiting for is polled further, not started again.
 * @throws FdxError `NEEDS_MFA`, `LOGIN_REFUSED`, `PROVIDER_STUCK`, or as the session.
 */
export async function extractFlinks(extraction: Extraction<FlinksProvider>): Promise<void> {
  const { connection, provider, runId, state, world } = extraction
  const found = getCheckpoint(state, connection.id, stream)
  // A run that was cut off after it had everything.
  if (found?.complete === 1 && found.run_id === runId) return
  const pollMs = provider.pollMinutes * 60_000
  const waiting = found?.complete === 0 && found.cursor !== null ? found : undefined
  // Flinks keeps a request for half an hour; one that old has an answer nobody can fetch any more.
  if (waiting && world.now() - Date.parse(waiting.updated_at) < 2 * pollMs)
    return untilSettled(extraction, () => poll(extraction, waiting))
  return untilSettled(extraction, () => startAndRead(extraction))
}

/** A session that Flinks has forgotten is opened anew, once (facts/flinks-native.md 11). */
async function untilSettled(
  extraction: Extraction<FlinksProvider>,
  first: () => Promise<void>,
): Promise<void> {
  try {
    await first()
  } catch (error) {
    if (!(error instanceof FdxError) || error.code !== 'SESSION_LOST') throw error
    forget(extraction)
    await startAndRead(extraction)
  }
}

async function startAndRead(extraction: Extraction<FlinksProvider>): Promise<void> {
  const { provider, session } = extraction
  const requestId = await authorize(extraction)
  let answer: JudgedAnswer
  try {
    answer = await session.post(
      what,
      '/GetAccountsDetail',
      {
        RequestId: requestId,
        WithAccountIdentity: true,
        WithKYC: provider.withKyc,
        WithTransactions: true,
        DaysOfTransactions: provider.daysOfTransactions,
      },
      { credential: 'apiKey', repeatable: false, holdSeconds },
    )
  } catch (error) {
    // Nobody knows whether Flinks began: its request id tells, a second POST would not.
    if (!(error instanceof FdxError) || !mayHaveBegun(error)) throw error
    return poll(extraction, waitFor(extraction, requestId))
  }
  if (answer.judgement === 'pending') return poll(extraction, waitFor(extraction, requestId))
  await keep(extraction, answer)
}

/** Opens a session for the login; returns its RequestId. Throws `NEEDS_MFA` when the bank asks something. */
async function authorize(extraction: Extraction<FlinksProvider>): Promise<string> {
  const { provider, session, loginId } = extraction
  const cached = provider.mode === 'cached'
  const answer = await asCredential(
    session.post(
      'authorize',
      '/Authorize',
      { LoginId: loginId, MostRecentCached: cached, ...(cached ? {} : { Save: true }) },
      {
        credential: { mint: () => mintToken(extraction) },
        // A cached session never reaches the bank, so asking again starts nothing.
        repeatable: cached,
        holdSeconds,
      },
    ),
  )
  return required(answer, 'authorize', 'RequestId')
}

async function mintToken({ session }: Extraction<FlinksProvider>): Promise<string> {
  const call = 'authorize token'
  const how = { credential: 'authKey', repeatable: true } as const
  const answer = await asCredential(session.post(call, '/GenerateAuthorizeToken', {}, how))
  return required(answer, call, 'Token')
}

/** UNAUTHORIZED means our own key here; on data endpoints it is the bank's word. */
async function asCredential(answer: Promise<JudgedAnswer>): Promise<JudgedAnswer> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof FdxError) || error.code !== 'FORBIDDEN') throw error
    throw new FdxError(
      'CLIENT_REFUSED',
      'Flinks refuses the authKey; check it and the instance in the provider’s file',
      { facts: error.facts },
    )
  }
}

function required(answer: JudgedAnswer, call: string, name: string): string {
  const value = readMember(answer.body, name)
  if (value === undefined) throw answerError('ANSWER_INVALID', call, { status: answer.status })
  return value
}

/** Writes down what is being waited for, before the waiting begins. */
function waitFor(
  { connection, runId, state, world }: Extraction<FlinksProvider>,
  requestId: string,
): Checkpoint {
  const checkpoint: Checkpoint = {
    connection_id: connection.id,
    stream,
    run_id: runId,
    pull_id: world.uuid(),
    cursor: requestId,
    pages: 0,
    complete: 0,
    window_start: null,
    window_end: null,
    good_until: null,
    updated_at: new Date(world.now()).toISOString(),
  }
  saveCheckpoint(state, checkpoint)
  return checkpoint
}

/** Polls from `waiting.updated_at` on, over restarts, for at most `pollMinutes`. */
async function poll(extraction: Extraction<FlinksProvider>, waiting: Checkpoint): Promise<void> {
  const { provider, session, signal, world } = extraction
  const end = Date.parse(waiting.updated_at) + provider.pollMinutes * 60_000
  const path = `/GetAccountsDetailAsync/${encodeURIComponent(waiting.cursor ?? '')}`
  for (;;) {
    const answer = await session.get(what, path)
    if (answer.judgement !== 'pending') return keep(extraction, answer, waiting)
    if (world.now() + provider.pollSeconds * 1_000 > end) {
      forget(extraction)
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

function forget({ connection, state }: Extraction<FlinksProvider>): void {
  const found = getCheckpoint(state, connection.id, stream)
  if (found) saveCheckpoint(state, { ...found, cursor: null })
}

async function keep(
  extraction: Extraction<FlinksProvider>,
  answer: JudgedAnswer,
  waited?: Checkpoint,
): Promise<void> {
  const { connection, runId, world } = extraction
  const checked = checkBody(answer.body)
  const whole = memberOf(checked.value, 'Accounts') !== undefined
  const place = {
    entity: 'flinks.detail',
    pullId: waited?.pull_id ?? world.uuid(),
    accountId: null,
    windowStart: null,
    windowEnd: null,
    sequence: 1,
    last: whole,
  } as const
  const checkpoint: Checkpoint = {
    connection_id: connection.id,
    stream,
    run_id: runId,
    pull_id: place.pullId,
    cursor: null,
    pages: 1,
    complete: whole ? 1 : 0,
    window_start: null,
    window_end: null,
    good_until: null,
    updated_at: new Date(world.now()).toISOString(),
  }
  await landAnswer(extraction, place, answer, checked, [checkpoint])
  if (!whole) throw unreadable(what, checked, 'Accounts')
}
