/** An HTTP date begins with the day's name, in all three forms (RFC 9110 section 5.6.7). */
const httpDate = /^[A-Z][a-z]{2,8},? /

/**
 * Reads `Retry-After` (RFC 9110 section 10.2.3): a number of seconds, or an HTTP date.
 * @returns milliseconds from `now`, 0 or more; null when the header is absent or says nothing.
 */
export function retryAfterMs(value: string | null, now: number): number | null {
  const text = value?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  if (!httpDate.test(text)) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
