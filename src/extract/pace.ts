import pLimit from 'p-limit'
import { Agent } from 'undici'
import type { Provider } from '../config/provider.ts'
import type { World } from '../world.ts'
import { type Breaker, openBreaker } from './breaker.ts'

/** What all sessions of one provider share: its sockets, its turns and the memory of its failures. */
export interface SharedPace extends AsyncDisposable {
  readonly dispatcher: Agent
  readonly breaker: Breaker
  /** Runs `work` when its turn has come: the provider's `concurrency` and `requestsPerSecond` hold. */
  turn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Connecting takes at most this long. Milliseconds. */
const connectTimeoutMs = 10_000

/** Opens the shared half of a provider's sessions; one for each provider and process. */
export function openPace(
  { pace: settings }: Pick<Provider, 'pace'>,
  world: Pick<World, 'now' | 'sleep'>,
): SharedPace {
  const limit = pLimit(settings.concurrency)
  const gapMs = 1_000 / settings.requestsPerSecond
  let nextStart = 0
  const dispatcher = new Agent({
    connections: settings.concurrency,
    connect: { timeout: connectTimeoutMs },
    // One deadline of the session covers headers and body; these two would only hide which one it was.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  return {
    dispatcher,
    breaker: openBreaker(world),
    turn: (signal, work) =>
      limit(async () => {
        signal.throwIfAborted()
        const now = world.now()
        const start = Math.max(now, nextStart)
        nextStart = start + gapMs
        if (start > now) await world.sleep(start - now, signal)
        return work()
      }),
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy()
    },
  }
}
