/** How one refresh ended. `replayed`: from the journal of a killed process. `salvaged`: an invalid answer's refresh token was kept. */
export const refreshOutcomes = [
  'refreshed',
  'replayed',
  'salvaged',
  'not_sent',
  'busy',
  'redirected',
  'client',
  'refused',
  'reauth',
  'ambiguous',
  'disk',
] as const
export type RefreshOutcome = (typeof refreshOutcomes)[number]

/** Why a connection was flagged `reauth`, in words for a person. */
export const reauthReasons = {
  refused: 'the provider refused the refresh token: it was revoked or has expired',
  lost: 'the rotated refresh token never reached us',
  none: 'the access token has ended and the provider gave no refresh token',
} as const
export type ReauthReason = keyof typeof reauthReasons

/** Upper bounds of the buckets of `answer_to_durable_ms`; above the last there is one more bucket. */
export const durableMsBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 1000] as const

/** Plain counters of a token manager; whoever serves metrics reads them. */
export interface TokenMetrics {
  readonly token_refresh_total: Record<RefreshOutcome, number>
  readonly reauth_total: Record<ReauthReason, number>
  /** Token requests whose outcome is unknown. */
  rotation_ambiguous_total: number
  /** Refresh tokens kept out of answers that are not valid. */
  rotation_salvaged_total: number
  /** From the answer's bytes in memory to the answer on disk: the only time in which a kill loses it. */
  readonly answer_to_durable_ms: { count: number; sum: number; readonly buckets: number[] }
}

export const newTokenMetrics = (): TokenMetrics => ({
  token_refresh_total: zeroes(refreshOutcomes),
  reauth_total: zeroes(Object.keys(reauthReasons) as ReauthReason[]),
  rotation_ambiguous_total: 0,
  rotation_salvaged_total: 0,
  answer_to_durable_ms: { count: 0, sum: 0, buckets: Array(durableMsBuckets.length + 1).fill(0) },
})

const zeroes = <K extends string>(keys: readonly K[]): Record<K, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>

export function observeDurable({ answer_to_durable_ms: seen }: TokenMetrics, ms: number): void {
  const found = durableMsBuckets.findIndex((bound) => ms <= bound)
  const at = found < 0 ? durableMsBuckets.length : found
  seen.count += 1
  seen.sum += ms
  seen.buckets[at] = (seen.buckets[at] ?? 0) + 1
}
