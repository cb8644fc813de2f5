import type { FdxProvider } from '../config/provider.ts'

/** What a server's clock may differ from ours before it matters: proofs are good for some 60 s around now. */
const toleratedSeconds = 10

const skews = new WeakMap<FdxProvider, number>()

/** Seconds that the provider's clock is ahead of ours, as its last answers said; 0 while they agree. */
export const skewOf = (provider: FdxProvider): number => skews.get(provider) ?? 0

/**
 * Learns from the `Date` of an answer (RFC 9110 section 6.6.1) how far the provider's clock is from ours. Client
 * assertions (RFC 7523) and DPoP proofs (RFC 9449) say when they were made, and a server refuses those of
 * another time: they are made by its clock, then. `now` is ours, in milliseconds.
 */
export function noteDate(provider: FdxProvider, date: string | null, now: number): void {
  const at = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(at)) return
  const seconds = Math.round((at - now) / 1_000)
  // Latency and rounding move it a little with every answer.
  if (Math.abs(seconds - skewOf(provider)) <= toleratedSeconds) return
  skews.set(provider, Math.abs(seconds) > toleratedSeconds ? seconds : 0)
}

/** Whether the provider's settings have us sign what says when it was made. */
export const signsTimes = ({ oauth }: FdxProvider): boolean =>
  oauth.dpop || oauth.clientAuth === 'private_key_jwt'
