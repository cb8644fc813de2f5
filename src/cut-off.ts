/**
 * Ends this process at once, whatever runs: `process.exit` waits for the call into DuckDB that is under way, and one
 * that hangs never returns. What was landed or committed is kept, as after any kill.
 */
export const cutOff = (): void => void process.kill(process.pid, 'SIGKILL')

/** Ends this process so many milliseconds after the signal, if it still runs. `first` is called before. */
export function cutOffAfter(signal: AbortSignal, ms: number, first = () => {}): void {
  signal.addEventListener('abort', () => {
    setTimeout(() => {
      first()
      cutOff()
    }, ms).unref()
  })
}

/** Longest that the SQL endpoint may take to end: it holds nothing that could be lost. Milliseconds. */
export const longestSqlStopMs = 4_000
