import type { Batch } from '../values/rows.ts'

/** Chunks of a result, some of them fetched before they are asked for. */
export interface Ahead {
  /** Null at the end. */
  next(): Promise<Batch | null>
  /** Asks for no more, and waits for what is under way: nobody else may use the connection before. */
  stop(): Promise<void>
}

/** So many chunks wait while the client is busy with those before; each has 2,048 rows at most. */
const depth = 3

/** @param fetch gives one chunk after the other; it is called again only when it has returned */
export function readAhead(fetch: () => Promise<Batch | null>): Ahead {
  const waiting: Promise<Batch | null>[] = []
  let last: Promise<Batch | null> | undefined
  let over = false
  const ask = () => {
    const before = last
    last = (async () => {
      const ended = before !== undefined && (await before) === null
      if (ended || over) return null
      return fetch()
    })()
    last.catch(() => {}) // told to who asks for it
    waiting.push(last)
  }
  return {
    async next() {
      while (waiting.length === 0) ask()
      const batch = await waiting.shift()
      if (batch === null || batch === undefined) over = true
      while (!over && waiting.length < depth) ask()
      return batch ?? null
    },
    async stop() {
      over = true
      await last?.catch(() => {})
    },
  }
}
