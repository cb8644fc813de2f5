import type { State } from './state.ts'

/** Until when a provider has asked to be left alone; 0 when it has not. Milliseconds since the epoch. */
export function notBefore(state: State, provider: string): number {
  const row = state.db
    .prepare('select not_before from provider_waits where provider = ?')
    .get(provider)
  return row === undefined ? 0 : Date.parse(String(row['not_before']))
}

/** Remembers it for the runs that follow. `until` in milliseconds since the epoch. */
export function leaveUntil(state: State, provider: string, until: number): void {
  state.db
    .prepare('insert or replace into provider_waits (provider, not_before) values (?, ?)')
    .run(provider, new Date(until).toISOString())
}
