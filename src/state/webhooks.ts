import type { State } from './state.ts'

/** How long deliveries are remembered. Flinks repeats one for about 5 hours (facts/flinks-native.md 10). */
const rememberedMs = 30 * 86_400_000

export function isKnownDelivery(state: State, key: string): boolean {
  return state.db.prepare('select 1 from webhooks where key = ?').get(key) !== undefined
}

/** Remembers a delivery that was taken, and forgets very old ones. `at` in milliseconds since the epoch. */
export function rememberDelivery(state: State, key: string, at: number): void {
  const iso = (ms: number) => new Date(ms).toISOString()
  state.db.prepare('delete from webhooks where received_at < ?').run(iso(at - rememberedMs))
  state.db
    .prepare('insert or ignore into webhooks (key, received_at) values (?, ?)')
    .run(key, iso(at))
}
