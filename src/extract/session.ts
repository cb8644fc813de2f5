import type { Provider } from '../config/provider.ts'
import { noteDate } from '../connect/clock-skew.ts'
import type { Credentials } from '../connect/credentials.ts'
import { type Code, type Facts, FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import type { World } from '../world.ts'
import { answerError } from './advice.ts'
import type { Answer, Judge, Judgement } from './answer.ts'
import { download, type Save } from './download.ts'
import { exchange } from './exchange.ts'
import { withFacts } from './failed-request.ts'
import { judgeFdx } from './fdx/answers.ts'
import { judgeFlinks } from './flinks/codes.ts'
import { type FlinksCredential, requestHeaders, type Shown, secretHeaders } from './headers.ts'
import { hop, locationOf } from './hop.ts'
import type { Meter } from './meter.ts'
import { type NetworkFailure, networkError, networkFailure } from './network.ts'
import type { SharedPace } from './pace.ts'
import { retryAfterMs } from './retry-after.ts'

export interface SessionOptions {
  readonly provider: Provider
  readonly connection: Pick<Connection, 'id'>
  readonly credentials: Omit<Credentials, 'loginId'>
  readonly world: World
  readonly pace: SharedPace
  readonly signal: AbortSignal
  readonly meter: Meter
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

export interface JudgedAnswer extends Answer {
  readonly judgement: 'ok' | 'empty' | 'pending'
  /** Attempts that failed before this answer. */
  readonly retries: number
}

const judges: Readonly<Record<Provider['protocol'], Judge>> = { fdx: judgeFdx, flinks: judgeFlinks }

const longestRetryMs = 30_000
/** Spread of a wait that the provider asked for: its clients should not all come back in one moment. */
const retryAfterSpreadMs = 250

interface Request extends Shown {
  readonly what: string
  readonly repeatable: boolean
  readonly deadlineMs: number
  /** Where the bytes of a file go; with it comes `accept`. */
  readonly save?: Save
}

/**
 * Opens the one way by which data requests of a connection leave. It alone attaches credentials, and only
 * towards the origin of the configured base URL; it follows no redirect, and repeats a request only where
 * the judgement of its answer says so, inside one budget, with full jitter and never before `Retry-After`.
 */
export function openSession(options: SessionOptions): Session {
  const { provider, credentials, world, pace, signal, meter } = options
  const base = new URL(provider.baseUrl)
  const judge = judges[provider.protocol]
  // A 602 can mean a missing scope: one fresh token for the whole session is enough to tell.
  let renewedForConsent = false
  /** A token that came because of a 403: when it is refused so too, the resource is, and not the token. */
  let renewedFor403: string | undefined
  /** The newest one that the server has asked for (RFC 9449 section 9). */
  let nonce: string | undefined
  const limits = options.limits ?? sessionLimits
  const openedAt = world.now()
  let bytes = 0

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
    if (world.now() - openedAt > limits.ms || bytes > limits.bytes)
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
      const sent = await attemptOnce(request, token, Math.min(request.deadlineMs, left))
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

  async function attemptOnce(
    request: Request,
    token: string | undefined,
    deadlineMs: number,
  ): Promise<Attempt> {
    if (request.target.origin !== base.origin)
      throw new FdxError('FOREIGN_ORIGIN', `${request.what}: not the provider’s own address`)
    const { proof } = credentials
    const secret = await secretHeaders(provider, request, { token, proof, nonce })
    let answer: Answer
    let sentAt = world.now()
    let sentId: string | undefined
    try {
      const { accept } = request
      const save = request.save && counting(request.save)
      answer = await pace.turn(signal, () => {
        meter.requests++
        sentAt = world.now()
        const headers = { ...requestHeaders(provider, request, world), ...secret }
        sentId = headers['x-fapi-interaction-id']
        const { dispatcher } = pace
        const sent = { ...request, headers, dispatcher, deadlineMs, signal }
        return save ? download(world, sent, save) : exchange(world, sent)
      })
      const elsewhere = save ? locationOf(answer) : null
      if (accept !== undefined && save && elsewhere !== null) {
        meter.requests++
        const { elsewhere: dispatcher } = pace
        const from = { ...request, accept, dispatcher, deadlineMs, signal }
        answer = await hop(world, base, elsewhere, from, save)
      }
    } catch (error) {
      if (signal.aborted) throw stopped()
      const exchanged = {
        ms: Math.round(world.now() - sentAt),
        ...(sentId && { interactionId: sentId }),
      }
      const own = ownError(error)
      if (own) throw withFacts(own, exchanged)
      const failure = networkFailure(error)
      if (failure === undefined) throw error
      pace.breaker.record(
        options.connection.id,
        failure === 'unconnected' ? 'unconnected' : 'failed',
      )
      return {
        kind: 'failed',
        error: withFacts(networkError(failure, request.what, error), exchanged),
        retryAfter: null,
        repeatable: repeatable(failure, request),
      }
    }
    bytes += answer.body.length
    nonce = answer.headers.get('dpop-nonce') ?? nonce
    // A proof may have been refused for its time; the next one is made by the provider's clock.
    if (answer.status === 401 && provider.protocol === 'fdx')
      noteDate(provider, answer.headers.get('date'), world.now())
    const judgement = judge(answer)
    const polite = judgement.kind === 'refused' ? 'answered' : 'served'
    pace.breaker.record(options.connection.id, answer.status >= 500 ? 'failed' : polite)
    if (judgement.kind !== 'refused') {
      pace.speedUp()
      return { kind: 'answer', answer: { ...answer, judgement: judgement.kind } }
    }
    if (judgement.code === 'RATE_LIMITED') pace.slowDown()
    const { interactionId } = answer
    const exchanged = {
      bytes: answer.body.length,
      ms: Math.round(world.now() - sentAt),
      ...(interactionId !== null && { interactionId }),
    }
    return {
      kind: 'failed',
      error: answerError(judgement.code, request.what, { ...judgement.facts, ...exchanged }),
      judgement,
      wantsNonce: answer.status === 401 && wantsNonce(answer.headers),
      retryAfter: retryAfterMs(answer.headers.get('retry-after'), world.now()),
      repeatable: judgement.again && (request.repeatable || !isDoubtful(judgement)),
    }
  }

  const counting =
    (save: Save): Save =>
    (file) =>
      save(
        (async function* () {
          for await (const part of file) {
            bytes += part.length
            yield part
          }
        })(),
      )

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

type Attempt =
  | { readonly kind: 'answer'; readonly answer: Omit<JudgedAnswer, 'retries'> }
  | {
      readonly kind: 'failed'
      readonly error: FdxError
      readonly judgement?: Judgement & { kind: 'refused' }
      /** The token is good; its proof must hold the nonce that came with this answer. */
      readonly wantsNonce?: boolean
      readonly retryAfter: number | null
      readonly repeatable: boolean
    }

/** An error of this program, also one that undici has wrapped: `guardedLookup` speaks through it. */
const ownError = (error: unknown): FdxError | undefined =>
  error instanceof FdxError ? error : error instanceof Error ? ownError(error.cause) : undefined

/** RFC 9449 section 9: `WWW-Authenticate: DPoP error="use_dpop_nonce"`, with the nonce in `DPoP-Nonce`. */
const wantsNonce = (headers: Answer['headers']) =>
  headers.get('dpop-nonce') !== null &&
  /\buse_dpop_nonce\b/.test(headers.get('www-authenticate') ?? '')

/** A gateway failed: nobody knows whether the provider began. With a FlinksCode it is the provider that speaks. */
const isDoubtful = ({ code, facts }: { code: Code; facts: Facts }) =>
  code === 'PROVIDER_DOWN' && facts['flinks'] === undefined

/** Whether a request that failed so may have been carried out all the same: ask after it, do not repeat it. */
export const mayHaveBegun = (error: FdxError): boolean =>
  error.facts['failure'] === 'broken' || isDoubtful(error)

/** What never reached the provider may always be sent again; what may have, only where that does no harm. */
const repeatable = (failure: NetworkFailure, request: Request) =>
  failure === 'unconnected' || (failure === 'broken' && request.repeatable)

const stopped = () =>
  new FdxError('STOPPED', 'stopped before the end; the next run goes on from here')
