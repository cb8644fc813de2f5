import type { Provider } from '../config/provider.ts'
import { noteDate } from '../connect/clock-skew.ts'
import type { Credentials } from '../connect/credentials.ts'
import { type Code, type Facts, FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import type { World } from '../world.ts'
import { answerError } from './advice.ts'
import type { Answer, Judge, JudgedAnswer, Judgement } from './answer.ts'
import { download, type Save } from './download.ts'
import { exchange } from './exchange.ts'
import { withFacts } from './failed-request.ts'
import { judgeFdx } from './fdx/answers.ts'
import { judgeFlinks } from './flinks/codes.ts'
import { requestHeaders, type Shown, secretHeaders } from './headers.ts'
import { hop, locationOf } from './hop.ts'
import type { Meter } from './meter.ts'
import { type NetworkFailure, networkError, networkFailure } from './network.ts'
import type { SharedPace } from './pace.ts'
import { retryAfterMs } from './retry-after.ts'

/** Of one connection, for all its requests. */
export interface AttemptOptions {
  readonly provider: Provider
  readonly connection: Pick<Connection, 'id'>
  readonly credentials: Omit<Credentials, 'loginId'>
  readonly world: World
  readonly pace: SharedPace
  readonly signal: AbortSignal
  readonly meter: Meter
}

/** What is asked of a provider, once or again. */
export interface Request extends Shown {
  readonly what: string
  readonly repeatable: boolean
  readonly deadlineMs: number
  /** Where the bytes of a file go; with it comes `accept`. */
  readonly save?: Save
}

/** What came of a request that was sent once: an answer, or an error and whether another attempt may help. */
export type Attempt =
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

export interface Attempts {
  /**
   * Sends a request once and judges what comes of it. `token`: for FDX; `deadlineMs`: of the whole answer.
   * @throws FdxError what is not worth another attempt: `FOREIGN_ORIGIN`, `BODY_TOO_LARGE`, `STOPPED`, what `save` throws.
   */
  once(request: Request, token: string | undefined, deadlineMs: number): Promise<Attempt>
  /** Decoded bytes that have come so far, of answers and files together. */
  bytes(): number
}

const judges: Readonly<Record<Provider['protocol'], Judge>> = { fdx: judgeFdx, flinks: judgeFlinks }

/** Opens what sends the requests of one session: it attaches the credentials, and only towards the base URL's origin. */
export function openAttempts(options: AttemptOptions): Attempts {
  const { provider, credentials, world, pace, signal, meter } = options
  const base = new URL(provider.baseUrl)
  const judge = judges[provider.protocol]
  /** The newest one that the server has asked for (RFC 9449 section 9). */
  let nonce: string | undefined
  let bytes = 0

  async function once(
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

  return { once, bytes: () => bytes }
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

/** The run was told to end; nothing is wrong with the connection. */
export const stopped = () =>
  new FdxError('STOPPED', 'stopped before the end; the next run goes on from here')
