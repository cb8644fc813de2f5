/** Longest that the endpoint may take to end. Milliseconds. */
const longestMs = 4_000

/**
 * Ends the process soon after the signal, whatever still runs: the endpoint holds nothing that could be lost. `process.exit`
 * would wait for a call into DuckDB that does not return.
 */
export function cutOff(signal: AbortSignal): void {
  signal.addEventListener('abort', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), longestMs).unref()
  })
}
