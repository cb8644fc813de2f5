import type { FdxProvider } from '../../config/provider.ts'
import { type Code, FdxError } from '../../errors.ts'
import { isRefused, learnRefusal } from '../../state/capabilities.ts'
import { getCheckpoint } from '../../state/checkpoints.ts'
import type { Extraction } from '../extraction.ts'
import { accountResources, accountStream, finishStream, plannedAccounts } from './account-stream.ts'
import { newLearned, readAccounts, readCustomer, readers } from './resources.ts'
import { forgetCursor, readResumed } from './resume.ts'

/** Failures of one stream that say nothing about the connection's other streams. */
const ofOneStream: ReadonlySet<Code> = new Set([
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

/** What settles a stream of an account: it is not asked again until the account's page plans it again. */
const settled: ReadonlySet<Code> = new Set([
  'NOT_FOUND',
  'NOT_SUPPORTED',
  'ACCOUNT_CLOSED',
  'NO_DATA',
])

/**
 * Reads one FDX connection: the customer, the accounts, and what the pipeline wants of each account. A stream
 * that fails is recorded and the others go on; one that the provider does not offer is not asked for again
 * for a month.
 * @throws FdxError when the connection as a whole cannot go on, or when its list of accounts is not complete.
 */
export async function extractFdx(extraction: Extraction<FdxProvider>): Promise<void> {
  const { pipeline, connection, state, signal, world } = extraction
  const wanted = new Set(pipeline.resources)
  const refusals: { readonly stream: string; readonly error: FdxError }[] = []
  let answered = false

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
      if (isRefusal(error)) refusals.push({ stream, error })
      else extraction.issue(stream, error.code, error.message, error.facts)
      return error
    }
  }

  const wantsAccounts = pipeline.resources.some((resource) => resource !== 'customers')
  if (wanted.has('customers')) await attempt('customers', () => readCustomer(extraction))
  const listFailure = wantsAccounts
    ? await attempt('accounts', () => readAccounts(extraction))
    : undefined
  const learned = newLearned()
  for (const resource of accountResources) {
    if (resource !== 'account' && !wanted.has(resource)) continue
    for (const accountId of plannedAccounts(state, connection.id, resource)) {
      const stream = accountStream(resource, accountId)
      if (isRefused(state, connection.id, stream, world.now())) {
        finishStream(extraction, stream)
        continue
      }
      const read = readers[resource]
      const failure = await attempt(stream, () => read(extraction, accountId, learned))
      if (!failure || !settled.has(failure.code)) continue
      if (failure.code === 'NOT_SUPPORTED')
        learnRefusal(state, connection.id, stream, failure.code, world.now())
      finishStream(extraction, stream)
    }
  }

  const [refusal] = refusals
  if (refusal && !answered) throw refusal.error
  for (const { stream, error } of refusals)
    extraction.issue(
      stream,
      'SCOPE_MISSING',
      'the consent does not cover this; connect again with its scope, or leave it out of resources',
      error.facts,
    )
  if (listFailure && !isRefusal(listFailure)) throw listFailure
}

/** The consent, or the provider, does not allow this resource: of the others it says nothing. A 401 is about the token. */
const isRefusal = (error: FdxError) =>
  error.code === 'CONSENT_LOST' ||
  error.code === 'FORBIDDEN' ||
  (error.code === 'TOKEN_REFUSED' && error.facts['status'] === 403)

/** A provider that cannot be reached fails all streams; a connection that breaks may be this one's fault. */
const isOfOneStream = (error: FdxError) =>
  ofOneStream.has(error.code) || isRefusal(error) || error.facts['failure'] === 'broken'

/** A run that was cut off has read this stream to its end already. */
const isRead = ({ state, connection, runId }: Extraction, stream: string): boolean => {
  const found = getCheckpoint(state, connection.id, stream)
  return found?.complete === 1 && found.run_id === runId
}
