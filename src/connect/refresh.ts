import * as oc from 'openid-client'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import {
  type Connection,
  getConnection,
  isEnded,
  setConnectionState,
} from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { signsTimes, skewOf } from './clock-skew.ts'
import { dpopHandle } from './dpop.ts'
import { dropIntent, fingerprint, journalAnswer, readIntent, writeIntent } from './intent.ts'
import { oauthConfiguration } from './oauth.ts'
import { nextGrant, readTokenAnswer } from './token-answer.ts'
import {
  observeDurable,
  type ReauthReason,
  type RefreshOutcome,
  reauthReasons,
  type TokenMetrics,
} from './token-metrics.ts'
import { askedWaitMs, tokenOutcome } from './token-outcome.ts'
import type { Grant, Vault } from './vault.ts'

/** Every place of a refresh where something has just become durable, or is about to be lost by a kill. */
export const failpoints = [
  'locked',
  'intent_read',
  'configured',
  'intent_durable',
  'answer_in_memory',
  'answer_durable',
  'request_over',
  'record_durable',
  'intent_dropped',
  'retry_waited',
  'flagged',
] as const
export type Failpoint = (typeof failpoints)[number]

export interface RefreshOptions {
  readonly provider: FdxProvider
  readonly vault: Vault
  readonly state: State
  readonly world: World
  /** Wait before the one retry of an unknown outcome. Milliseconds; see `retryWait`. */
  readonly ambiguousRetryMs?: number
  /**
   * Called before a retry that may end the grant and its access token: a server that revokes on reuse and
   * had processed the first request. Running loads of the connection may finish in it.
   */
  readonly drain?: (connection: Connection) => Promise<void>
  /** Is told of each failpoint that is reached; a test stops there. */
  readonly failpoint?: (name: Failpoint) => void | Promise<void>
  /** Milliseconds that only ever rise. `performance.now` when left out. */
  readonly monotonic?: () => number
}

/** A refused client is asked about again after this long: somebody may have put it right. */
const clientRefusedMs = 10 * 60_000

/**
 * One refresh of one connection, for a caller who holds its lock: intent, request, journal, record, and
 * what is to be done when it failed (facts/reliability-security.md 3.4).
 */
export function refresher(options: RefreshOptions, metrics: TokenMetrics) {
  const { provider, vault, state, world } = options
  const failpoint = options.failpoint ?? (() => {})
  const monotonic = options.monotonic ?? (() => performance.now())
  /** No request of this provider is sent before this moment, and why. */
  let closed: { until: number; error: (leftMs: number) => FdxError } | undefined

  const count = (outcome: RefreshOutcome) => {
    metrics.token_refresh_total[outcome] += 1
  }
  const durably = async (work: Promise<void>, consequence: string) => {
    await work.catch((cause: unknown) => {
      count('disk')
      throw new FdxError('DISK_FULL', `the disk takes no more; ${consequence}`, { cause })
    })
  }
  const commit = async (connection: Connection, next: Grant): Promise<Grant> => {
    await durably(vault.write(connection.id, next), 'make room and run again')
    await failpoint('record_durable')
    // The record is of the next generation: an intent that stays behind is dropped by whoever finds it.
    await dropIntent(vault, connection.id)
    await failpoint('intent_dropped')
    return next
  }

  /**
   * Applies what an earlier process left: the answer that reached the disk, or the doubt that it did not.
   * `attempts` counts the requests already sent for this refresh token without an answer.
   */
  const settle = async (connection: Connection, grant: Grant) => {
    const intent = await readIntent(vault, connection.id)
    await failpoint('intent_read')
    if (intent === undefined) return { grant, attempts: 0 }
    if (intent.generation !== grant.generation) {
      await dropIntent(vault, connection.id) // its answer was applied before the kill
      return { grant, attempts: 0 }
    }
    const answer = intent.answer && readTokenAnswer(intent.answer)
    // Of a cut answer an access token alone says nothing of the refresh token: the doubt stays.
    if (answer === undefined || (answer.refreshToken === undefined && !answer.sound))
      return { grant, attempts: intent.attempts }
    const next = await commit(connection, nextGrant(grant, answer, intent.at, answer.sound))
    count('replayed')
    return { grant: next, attempts: 0 }
  }

  const flag = async (connection: Connection, reason: ReauthReason): Promise<FdxError> => {
    count('reauth')
    metrics.reauth_total[reason] += 1
    const at = new Date(world.now()).toISOString()
    // What was ended on purpose in the meantime stays so.
    const now = getConnection(state, connection.id)
    if (now === undefined || !isEnded(now))
      setConnectionState(state, connection.id, 'reauth', reauthReasons[reason], at)
    await failpoint('flagged')
    await dropIntent(vault, connection.id)
    return new FdxError(
      'REAUTH',
      `${reauthReasons[reason]}; connect again: fdx connect ${provider.name}`,
    )
  }

  const spend = async (
    connection: Connection,
    grant: Grant,
    attempts: number,
    startedAt = monotonic(),
    clockRepaired = false,
  ): Promise<Grant> => {
    const { refreshToken } = grant
    if (refreshToken === null) throw await flag(connection, 'none')
    if (closed !== undefined && monotonic() < closed.until)
      throw closed.error(closed.until - monotonic())
    // Discovery and keys come before the intent: nothing of them can spend the token.
    const skew = skewOf(provider)
    let answered: Buffer | undefined
    const configuration = await oauthConfiguration(provider, {
      onAnswer: async (bytes) => {
        answered = bytes
        await failpoint('answer_in_memory')
        const from = monotonic()
        // Where the journal cannot be written, the record is the second try.
        await journalAnswer(vault, connection.id, grant.generation + 1, bytes).catch(() => {})
        observeDurable(metrics, monotonic() - from)
        await failpoint('answer_durable')
      },
    })
    const binding =
      grant.dpopKey === undefined
        ? undefined
        : { DPoP: await dpopHandle(configuration, grant.dpopKey) }
    await failpoint('configured')
    const intent = {
      fingerprint: fingerprint(refreshToken),
      generation: grant.generation,
      at: world.now(),
      attempts: attempts + 1,
    }
    await durably(writeIntent(vault, connection.id, intent), 'no token request was sent')
    await failpoint('intent_durable')
    let failure: unknown
    try {
      await oc.refreshTokenGrant(configuration, refreshToken, undefined, binding)
    } catch (error) {
      failure = error
    }
    await failpoint('request_over')
    if (answered !== undefined) {
      const answer = readTokenAnswer(answered)
      if (failure === undefined) {
        const next = await commit(connection, nextGrant(grant, answer, world.now()))
        count('refreshed')
        return next
      }
      // A refused answer that holds a refresh token has still ended the old one: keep it, use nothing else.
      if (answer.refreshToken !== undefined) {
        await commit(connection, nextGrant(grant, answer, world.now(), false))
        count('salvaged')
        metrics.rotation_salvaged_total += 1
        throw new FdxError(
          'TOKEN_UNAVAILABLE',
          'the token answer is not valid; its refresh token is kept',
        )
      }
    }
    const outcome = tokenOutcome(failure)
    // Whoever refuses our proof of who we are has not looked at the grant. Where its clock turns out to be another
    // than ours, the proof was of another time: once more, by its clock.
    const isOfProof = (outcome === 'client' || outcome === 'refused') && signsTimes(provider)
    if (isOfProof && !clockRepaired && skewOf(provider) !== skew)
      return spend(connection, grant, attempts, startedAt, true)
    return afterFailure(connection, grant, attempts, failure, startedAt)
  }

  const afterFailure = async (
    connection: Connection,
    grant: Grant,
    attempts: number,
    failure: unknown,
    startedAt: number,
  ): Promise<Grant> => {
    const outcome = tokenOutcome(failure)
    // With an unknown outcome behind us the intent stays, whatever this attempt met before the server.
    const end = async (counted: RefreshOutcome, error: FdxError): Promise<never> => {
      count(counted)
      if (attempts === 0) await dropIntent(vault, connection.id)
      throw error
    }
    switch (outcome) {
      case 'not-sent':
        return end(
          'not_sent',
          new FdxError('TOKEN_UNAVAILABLE', 'the token endpoint cannot be reached', {
            facts: { provider: provider.name },
          }),
        )
      case 'busy': {
        const busy = (leftMs: number) =>
          new FdxError('TOKEN_UNAVAILABLE', 'the token endpoint asks us to wait', {
            facts: { retryInMs: Math.ceil(leftMs) },
          })
        const waitMs = askedWaitMs(failure, world.now()) ?? 0
        closed = { until: monotonic() + waitMs, error: busy }
        return end('busy', busy(waitMs))
      }
      case 'redirected':
        return end(
          'redirected',
          new FdxError(
            'REDIRECTED',
            `the token endpoint redirects elsewhere; nothing was followed. Check oauth.tokenEndpoint of ${provider.name}`,
          ),
        )
      case 'client': {
        const refused = () =>
          new FdxError(
            'CLIENT_REFUSED',
            `the provider refuses our client credentials; check oauth.clientId and the ${provider.oauth.clientAuth} settings of ${provider.name}`,
          )
        closed = { until: monotonic() + clientRefusedMs, error: refused }
        return end('client', refused())
      }
      case 'refused':
        return end(
          'refused',
          new FdxError('CLIENT_REFUSED', 'the provider refuses the token request as we form it'),
        )
      case 'grant':
        throw await flag(connection, attempts > 0 && mayRotate(grant) ? 'lost' : 'refused')
      case 'unknown': {
        count('ambiguous')
        metrics.rotation_ambiguous_total += 1
        if (attempts > 0)
          throw new FdxError(
            'TOKEN_AMBIGUOUS',
            'the token endpoint gave no usable answer twice; the next run tries again',
          )
        if (provider.oauth.refresh.reuse === 'revokes' && mayRotate(grant))
          await options.drain?.(connection)
        await world.sleep(options.ambiguousRetryMs ?? retryWait(monotonic() - startedAt))
        await failpoint('retry_waited')
        return spend(connection, grant, attempts + 1)
      }
    }
  }

  /** What the provider's file says, else what this connection has shown. */
  const mayRotate = (grant: Grant): boolean =>
    ({ never: false, always: true, unknown: grant.rotates !== false })[
      provider.oauth.refresh.rotates
    ]

  return { settle, spend }
}

const retryMs = 2_000
const shortestGraceMs = 5_000

/**
 * Servers that forgive a repeated token do so for 5 to 60 s after its first use: the retry comes soon, but
 * not so soon that the trouble is still there.
 */
const retryWait = (elapsedMs: number) => Math.max(0, Math.min(retryMs, shortestGraceMs - elapsedMs))
