/** The console may take this share of the process that refreshes tokens: 1 / share of the time. */
const share = 20

/**
 * Remembers what `compute` gave for `ms`, and longer where it took long: counting a million connections
 * twice a second would leave no time for anything else.
 */
export function remember<T>(ms: number, compute: () => T): () => T {
  let value: T
  let until = 0
  return () => {
    const from = performance.now()
    if (from < until) return value
    value = compute()
    const cost = performance.now() - from
    until = from + Math.max(ms, cost * share)
    return value
  }
}
