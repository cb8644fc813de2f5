import pLimit from 'p-limit'
import { Agent } from 'undici'
import type { Provider } from '../config/provider.ts'
import {
  guardedLookup,
  isLoopback,
  openInternet,
  type Reach,
  refuseInside,
} from '../connect/egress.ts'
import { providerTls } from '../connect/provider-keys.ts'
import type { World } from '../world.ts'
import { type Breaker, openBreaker, type Waits } from './breaker.ts'

/** What all sessions of one provider share: its sockets, its turns and the memory of its failures. */
export interface SharedPace extends AsyncDisposable {
  readonly dispatcher: Agent
  /** For files that a provider keeps elsewhere: no client certificate, no sockets of the provider's. */
  readonly elsewhere: Agent
  readonly breaker: Breaker
  /** Runs `work` when its turn has come: the provider's `concurrency` and the pace of now hold. */
  turn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
  /** The provider has asked for fewer requests: all its connections slow down. */
  slowDown(): void
  /** A request was taken: little by little the pace goes back to what is configured. */
  speedUp(): void
  /** Requests a second at this moment. */
  perSecond(): number
}

/** Connecting takes at most this long. Milliseconds. */
const connectTimeoutMs = 10_000

/** Slowest that a provider is asked: once in so many milliseconds. */
const slowestGapMs = 30_000
/** One answer that asks for fewer requests speaks for all that were on their way with it. */
const slowDownEveryMs = 1_000
/** Each request that is taken makes the gap this much shorter: back to half of it in 35 requests. */
const speedUpBy = 0.98

/**
 * Opens the shared half of a provider's sessions; one for each provider and process. Where the base URL is not
 * on this machine, nothing on this machine is ever connected to, nor, without `privateNetwork`, in a private network.
 * `waits`: what earlier runs have been told; left out, nothing outlives this pace.
 * @throws FdxError `FOREIGN_ORIGIN` for such a base URL, `CONFIG_INVALID` for a client certificate that
 *   cannot be read.
 */
export function openPace(
  provider: Provider,
  world: Pick<World, 'now' | 'sleep'>,
  waits?: Waits,
): SharedPace {
  const { concurrency, requestsPerSecond } = provider.pace
  const limit = pLimit(concurrency)
  const configuredGapMs = 1_000 / requestsPerSecond
  let gapMs = configuredGapMs
  let nextStart = 0
  let slowedAt = Number.NEGATIVE_INFINITY
  const base = new URL(provider.baseUrl)
  const onThisMachine = isLoopback(base)
  if (!onThisMachine) refuseInside(base, provider)
  const guard = (reach: Reach) => (onThisMachine ? {} : { lookup: guardedLookup(reach) })
  const options = {
    connections: concurrency,
    // One deadline of the session covers headers and body; these two would only hide which one it was.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const dispatcher = new Agent({
    ...options,
    connect: { timeout: connectTimeoutMs, ...guard(provider), ...providerTls(provider) },
  })
  const elsewhere = new Agent({
    ...options,
    connect: { timeout: connectTimeoutMs, ...guard(openInternet) },
  })
  return {
    dispatcher,
    elsewhere,
    breaker: openBreaker(world, waits),
    turn: (signal, work) =>
      limit(async () => {
        signal.throwIfAborted()
        const now = world.now()
        const start = Math.max(now, nextStart)
        nextStart = start + gapMs
        // A timer cannot wait for less.
        if (start - now >= 1) await world.sleep(start - now, signal)
        return work()
      }),
    slowDown() {
      const now = world.now()
      if (now - slowedAt < slowDownEveryMs) return
      slowedAt = now
      gapMs = Math.min(slowestGapMs, gapMs * 2)
    },
    speedUp() {
      gapMs = Math.max(configuredGapMs, gapMs * speedUpBy)
    },
    perSecond: () => 1_000 / gapMs,
    async [Symbol.asyncDispose]() {
      await Promise.all([dispatcher.destroy(), elsewhere.destroy()])
    },
  }
}
