import { FdxError } from '../errors.ts'
import type { World } from '../world.ts'

/**
 * `unconnected`: no connection came about. `failed`: cut off later, or a 5xx. `served`: it gave what was asked for.
 * `answered`: anything else.
 */
export type Outcome = 'served' | 'answered' | 'failed' | 'unconnected'

export interface Breaker {
  /**
   * Before each request, and before a token is spent on it.
   * @throws FdxError `UNREACHABLE` or `RATE_LIMITED` while the provider is left alone.
   */
  admit(): void
  /** Milliseconds until a request will be let through; 0 when one may set out now. */
  pause(): number
  record(connectionId: string, outcome: Outcome): void
  /** The provider has asked a connection to wait (`Retry-After`) for longer than its request may take. */
  askedToWait(connectionId: string, ms: number): void
  /** Whether a failed request may still be repeated. */
  mayRetry(): boolean
}

/** What outlives a process: until when the provider has asked to be left alone. Milliseconds since the epoch. */
export interface Waits {
  readonly notBefore: number
  /** Connections that must have been told to wait before it counts for all of them. */
  readonly voices: number
  keep(until: number): void
}

const noWaits: Waits = { notBefore: 0, voices: 2, keep: () => {} }

/** Longer than this nobody is left alone for a header's sake. */
const longestWaitMs = 86_400_000

/** Failures in a row before something is done about it. */
const threshold = 5
const firstCoolDownMs = 30_000
const longestCoolDownMs = 900_000

/**
 * Keeps an unreachable provider from eating the budget of each of its connections. Five attempts in a row
 * without a connection: everything of that provider fails at once for 30 seconds, then one attempt in each
 * doubled pause. Five failures in a row of at least two consumers, with a connection: requests get one
 * attempt each, so that the consumers for whom the provider still works are not harmed. Two consumers that were
 * told to come back later speak for all, for at most a day.
 */
export function openBreaker(world: Pick<World, 'now'>, waits: Waits = noWaits): Breaker {
  let unconnected = 0
  let failed = 0
  const failing = new Set<string>()
  const waiting = new Set<string>()
  let coolDownMs = firstCoolDownMs
  let closedUntil = 0
  let { notBefore } = waits

  const isOpen = () => closedUntil > world.now()
  const pause = () => Math.max(0, Math.ceil(Math.max(closedUntil, notBefore) - world.now()))
  const leaveAlone = () => {
    closedUntil = world.now() + coolDownMs
    coolDownMs = Math.min(longestCoolDownMs, coolDownMs * 2)
  }
  return {
    admit() {
      const facts = { retryInMs: pause() }
      if (isOpen())
        throw new FdxError('UNREACHABLE', 'the provider cannot be reached; try again later', {
          facts,
        })
      if (facts.retryInMs > 0)
        throw new FdxError('RATE_LIMITED', 'the provider asks to come back later', { facts })
      // The pause is over: this one tries, the others wait for what comes of it.
      if (unconnected >= threshold) leaveAlone()
    },
    askedToWait(connectionId, ms) {
      waiting.add(connectionId)
      const until = world.now() + Math.min(ms, longestWaitMs)
      if (waiting.size < waits.voices || until <= notBefore) return
      notBefore = until
      waits.keep(until)
    },
    pause,
    record(connectionId, outcome) {
      if (outcome === 'served') waiting.clear()
      if (outcome === 'served' || outcome === 'answered') {
        unconnected = failed = closedUntil = 0
        coolDownMs = firstCoolDownMs
        failing.clear()
        return
      }
      failed++
      failing.add(connectionId)
      unconnected = outcome === 'unconnected' ? unconnected + 1 : 0
      if (unconnected >= threshold && !isOpen()) leaveAlone()
    },
    mayRetry: () => !isOpen() && (failed < threshold || failing.size < 2),
  }
}
