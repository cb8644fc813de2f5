import { FdxError } from '../errors.ts'
import type { JudgedAnswer } from './answer.ts'
import { type AttemptOptions, openAttempts, type Request, stopped } from './attempt.ts'
import type { Save } from './download.ts'
import { withFacts } from './failed-request.ts'
import type { FlinksCredential } from './headers.ts'

export interface SessionOptions extends AttemptOptions {
  /** What one session may take; default `sessionLimits`. */
  readonly limits?: SessionLimits
}

export interface SessionLimits {
  readonly ms: number
  /** Decoded, of answers and files together. */
  readonly bytes: number
}

/**
 * Far more than any person's data takes: each request has limits of its own, but a provider could have us make ten
 * thousand slow ones.
 */
export const sessionLimits: SessionLimits = { ms: 6 * 3_600_000, bytes: 16 * 1024 ** 3 }

export type Query = Readonly<Record<string, string | undefined>>

export interface PostOptions {
  readonly credential: FlinksCredential
  /** Sending it twice does no harm, so that a broken connection is tried again. */
  readonly repeatable: boolean
  /** Deadline of the whole answer, where the provider's own setting is too short for this call. */
  readonly holdSeconds?: number
}

export interface GetOptions {
  readonly credential?: FlinksCredential
}

export interface Session {
  /**
   * Asks for one resource below the base URL. `what` names it in messages, without ids.
   * @returns an answer judged ok, empty or pending (see `judgement`).
   * @throws FdxError with the code of the judgement, `UNREACHABLE`, `FOREIGN_ORIGIN`, `BODY_TOO_LARGE`,
   *   `CONNECTION_LIMIT`, `STOPPED`, or what the credentials throw.
   */
  get(what: string, path: string, query?: Query, how?: GetOptions): Promise<JudgedAnswer>
  /**
   * Asks for a file. Where the provider answers 302, one explicit hop leads to it, without any credential
   * (FDX statements, facts/flinks-outbound.md 5.4). Throws as `get`, and what `save` throws.
   */
  file(what: string, path: string, accept: string, save: Save): Promise<JudgedAnswer>
  /** Sends JSON; throws as `get`. */
  post(what: string, path: string, body: object, options: PostOptions): Promise<JudgedAnswer>
}

const longestRetryMs = 30_000
/** Spread of a wait that the provider asked for: its clients should not all come back in one moment. */
const retryAfterSpreadMs = 250

/**
 * Opens the one way by which data requests of a connection leave: each attempt carries its credentials
 * only towards the origin of the configured base URL (`attempt.ts`) and follows no redirect; it is repeated only where
 * the judgement of its answer says so, inside one budget, with full jitter and never before `Retry-After`.
 */
export function openSession(options: SessionOptions): Session {
  const { provider, credentials, world, pace, signal, meter } = options
  const attempts = openAttempts(options)
  // A 602 can mean a missing scope: one fresh token for the whole session is enough to tell.
  let renewedForConsent = false
  /** A token that came because of a 403: when it is refused so too, the resource is, and not the token. */
  let renewedFor403: string | undefined
  const limits = options.limits ?? sessionLimits
  const openedAt = world.now()

  const targetOf = (path: string, query: Query): URL => {
    const target = new URL(provider.baseUrl.replace(/\/+$/, '') + path)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) target.searchParams.set(name, value)
    return target
  }

  async function get(
    what: string,
    path: string,
    query: Query = {},
    how: GetOptions = {},
  ): Promise<JudgedAnswer> {
    return ask({
      what,
      method: 'GET',
      target: targetOf(path, query),
      credential: how.credential ?? 'apiKey',
      repeatable: true,
      deadlineMs: provider.pace.requestTimeoutSeconds * 1_000,
    })
  }

  async function file(
    what: string,
    path: string,
    accept: string,
    save: Save,
  ): Promise<JudgedAnswer> {
    return ask({
      what,
      method: 'GET',
      target: targetOf(path, {}),
      credential: 'apiKey',
      repeatable: true,
      deadlineMs: provider.pace.requestTimeoutSeconds * 1_000,
      accept,
      save,
    })
  }

  async function post(what: string, path: string, body: object, how: PostOptions) {
    const seconds = Math.max(provider.pace.requestTimeoutSeconds, how.holdSeconds ?? 0)
    return ask({
      what,
      method: 'POST',
      target: targetOf(path, {}),
      credential: how.credential,
      body: JSON.stringify(body),
      repeatable: how.repeatable,
      deadlineMs: seconds * 1_000,
    })
  }

  async function ask(request: Request): Promise<JudgedAnswer> {
    if (world.now() - openedAt > limits.ms || attempts.bytes() > limits.bytes)
      throw new FdxError(
        'CONNECTION_LIMIT',
        `${request.what}: this connection has taken ${Math.round(limits.ms / 3_600_000)} hours or ${limits.bytes} bytes; the next run goes on from here, ask the provider`,
      )
    const end = world.now() + provider.pace.budgetSeconds * 1_000
    pace.breaker.admit()
    let token = await liveToken()
    let renewed = false
    let hasNonce = false
    for (let attempt = 1; ; attempt++) {
      if (attempt > 1) pace.breaker.admit()
      const left = end - world.now()
      const sent = await attempts.once(request, token, Math.min(request.deadlineMs, left))
      if (sent.kind === 'answer') return { ...sent.answer, retries: attempt - 1 }
      const { error, judgement } = sent
      if (sent.wantsNonce && !hasNonce) {
        hasNonce = true
        attempt--
        continue
      }
      if (judgement?.renew && !renewed && token !== undefined && mayRenew(error, token)) {
        renewed = true
        token = await liveToken(token)
        if (error.facts['status'] === 403) renewedFor403 = token
        attempt--
        continue
      }
      const wait = waitMs(attempt, sent.retryAfter)
      const again = sent.repeatable && attempt < provider.pace.attempts && pace.breaker.mayRetry()
      if (!again) throw withFacts(error, { retries: attempt - 1 })
      if (wait > end - world.now()) {
        if (sent.retryAfter !== null) pace.breaker.askedToWait(options.connection.id, wait)
        throw withFacts(error, { retries: attempt - 1, retryInMs: wait })
      }
      meter.retries++
      await stoppable(world.sleep(wait, signal))
    }
  }

  async function liveToken(rejected?: string): Promise<string | undefined> {
    // A refresh that begins now could not finish in peace.
    if (signal.aborted) throw stopped()
    return provider.protocol === 'fdx' ? credentials.token?.(rejected) : undefined
  }

  function mayRenew(error: FdxError, token: string): boolean {
    if (error.facts['status'] === 403 && token === renewedFor403) return false
    if (error.code !== 'CONSENT_LOST') return true
    const first = !renewedForConsent
    renewedForConsent = true
    return first
  }

  /** Full jitter; what the provider asks for is a floor. Milliseconds. */
  function waitMs(attempt: number, retryAfter: number | null): number {
    if (retryAfter !== null) return Math.ceil(retryAfter + world.random() * retryAfterSpreadMs)
    const upper = Math.min(longestRetryMs, provider.pace.firstRetryMs * 2 ** (attempt - 1))
    return Math.ceil(upper * world.random())
  }

  async function stoppable(wait: Promise<void>): Promise<void> {
    try {
      await wait
    } catch (error) {
      throw signal.aborted ? stopped() : error
    }
  }

  return { get, file, post }
}
