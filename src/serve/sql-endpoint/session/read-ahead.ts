import { PgError } from '../pg-error.ts'
import type { Batch } from '../values/rows.ts'

/** Chunks of a result, some of them fetched before they are asked for. */
export interface Ahead {
  /**
   * Null at the end.
   * @param abandon of the statement that asks: it stops what is fetched meanwhile, and ends the result
   */
  next(abandon: AbortSignal): Promise<Batch | null>
  /** Ends what is under way, and waits for it: nobody else may use the connection before. */
  stop(): Promise<void>
}

/** Gives one chunk after the other; it is called again only when it has returned. */
export type Fetch = (abandon: AbortSignal) => Promise<Batch | null>

/** So many chunks wait while the client is busy with those before; each has 2,048 rows at most. */
const depth = 3

/**
 * What is fetched ahead outlives the statement that asked: it has a signal and a limit of its own.
 * @param limitMs longest that one chunk may take
 */
export function readAhead(fetch: Fetch, limitMs: number): Ahead {
  const waiting: Promise<Batch | null>[] = []
  const end = new AbortController()
  let last: Promise<Batch | null> | undefined
  let busy = false
  let over = false
  const timedOut = () =>
    end.abort(new PgError('57014', 'canceling statement due to statement timeout'))
  const fetchOne = async () => {
    const timer = setTimeout(timedOut, limitMs)
    busy = true
    try {
      return await fetch(end.signal)
    } finally {
      busy = false
      clearTimeout(timer)
    }
  }
  const ask = () => {
    const before = last
    last = (async () => {
      const ended = before !== undefined && (await before) === null
      if (ended || over) return null
      return fetchOne()
    })()
    last.catch(() => {}) // told to who asks for it
    waiting.push(last)
  }
  return {
    async next(abandon) {
      const stop = () => end.abort(abandon.reason)
      if (abandon.aborted) stop()
      abandon.addEventListener('abort', stop)
      try {
        while (waiting.length === 0) ask()
        const batch = await waiting.shift()
        if (batch === null || batch === undefined) over = true
        while (!over && waiting.length < depth) ask()
        return batch ?? null
      } finally {
        abandon.removeEventListener('abort', stop)
      }
    },
    async stop() {
      over = true
      if (busy) end.abort(new PgError('57014', 'its portal was closed'))
      await last?.catch(() => {})
    },
  }
}
