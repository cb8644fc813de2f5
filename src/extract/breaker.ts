import { FdxError } from '../errors.ts'
import type { World } from '../world.ts'

/** `unconnected`: no connection came about. `failed`: cut off later, or a 5xx. `answered`: anything else. */
export type Outcome = 'answered' | 'failed' | 'unconnected'

export interface Breaker {
  /** @throws FdxError `UNREACHABLE` while the provider is left alone. */
  admit(): void
  record(connectionId: string, outcome: Outcome): void
  /** Whether a failed request may still be repeated. */
  mayRetry(): boolean
}

/** Failures in a row before something is done about it. */
const threshold = 5
const firstCoolDownMs = 30_000
const longestCoolDownMs = 900_000

/**
 * Keeps an unreachable provider from eating the budget of each of its connections. Five attempts in a row
 * without a connection: everything of that provider fails at once for 30 seconds, then one attempt in each
 * doubled pause. Five failures in a row of at least two consumers, with a connection: requests get one
 * attempt each, so that the consumers for whom the provider still works are not harmed.
 */
export function openBreaker(world: Pick<World, 'now'>): Breaker {
  let unconnected = 0
  let failed = 0
  const failing = new Set<string>()
  let coolDownMs = firstCoolDownMs
  let closedUntil = 0

  const isOpen = () => closedUntil > world.now()
  return {
    admit() {
      if (isOpen())
        throw new FdxError('UNREACHABLE', 'the provider cannot be reached; try again later', {
          facts: { retryInMs: Math.ceil(closedUntil - world.now()) },
        })
    },
    record(connectionId, outcome) {
      if (outcome === 'answered') {
        unconnected = failed = closedUntil = 0
        coolDownMs = firstCoolDownMs
        failing.clear()
        return
      }
      failed++
      failing.add(connectionId)
      unconnected = outcome === 'unconnected' ? unconnected + 1 : 0
      if (unconnected < threshold || isOpen()) return
      closedUntil = world.now() + coolDownMs
      coolDownMs = Math.min(longestCoolDownMs, coolDownMs * 2)
    },
    mayRetry: () => !isOpen() && (failed < threshold || failing.size < 2),
  }
}
