import type { DuckDBConnection } from '@duckdb/node-api'
import { FdxError } from '../errors.ts'

/** What is under way when a stop is asked for may take so long to commit; then it is interrupted. Milliseconds. */
const graceMs = 10_000

export interface Stoppable extends Disposable {
  /** Runs a statement; once interrupted, it and every later one ends with `STOPPED`. */
  guard<T>(statement: () => Promise<T>): Promise<T>
}

/**
 * Makes a connection's statements end soon after `signal` is aborted: the transaction that is open is rolled back
 * by whoever began it, and what it read is loaded the next time.
 */
export function stoppable(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
): Stoppable {
  let isOver = false
  let timer: NodeJS.Timeout | undefined
  const stopped = (cause?: unknown) =>
    new FdxError('STOPPED', 'stopped within a batch, which is rolled back; load again to go on', {
      cause,
    })
  const onAbort = () => {
    timer = setTimeout(() => {
      isOver = true
      connection.interrupt()
    }, graceMs)
  }
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  return {
    guard: async (statement) => {
      if (isOver) throw stopped()
      try {
        return await statement()
      } catch (error) {
        throw isOver ? stopped(error) : error
      }
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}
