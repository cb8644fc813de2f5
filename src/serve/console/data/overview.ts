import type { ConnectionState } from '../../../state/connections.ts'
import type { State } from '../../../state/state.ts'

/** How many connections of a provider are in a state. */
export interface StateCount {
  readonly provider: string
  readonly state: ConnectionState
  readonly connections: number
}

export const countStates = (state: State): StateCount[] =>
  state.db
    .prepare(
      `select provider, state, count(*) as connections from connections
       group by state, provider order by provider, state`,
    )
    .all() as unknown as StateCount[]

/** Connections that may still be asked, by the age of their last complete pull. */
export interface Freshness {
  readonly day: number
  readonly two_days: number
  readonly week: number
  readonly older: number
  readonly never: number
}

const dayMs = 86_400_000
const iso = (ms: number) => new Date(ms).toISOString()

export const countFreshness = (state: State, now: number): Freshness =>
  state.db
    .prepare(
      `select
         count(*) filter (where good >= :day) as day,
         count(*) filter (where good >= :two and good < :day) as two_days,
         count(*) filter (where good >= :week and good < :two) as week,
         count(*) filter (where good > '' and good < :week) as older,
         count(*) filter (where good = '') as never
       from (
         select coalesce(last_good_at, '') as good from connections indexed by connections_by_last_good
         where state in ('active', 'needs_mfa', 'reauth')
       )`,
    )
    .get({
      day: iso(now - dayMs),
      two: iso(now - 2 * dayMs),
      week: iso(now - 7 * dayMs),
    }) as unknown as Freshness

/** Running consents by when they end. */
export interface ConsentClock {
  /** Within 7 days. */
  readonly week: number
  /** Within 30 days, the first 7 among them. */
  readonly month: number
  readonly later: number
}

export const countConsents = (state: State, now: number): ConsentClock =>
  state.db
    .prepare(
      `select
         count(*) filter (where consent_ends_at < :week) as week,
         count(*) filter (where consent_ends_at < :month) as month,
         count(*) filter (where consent_ends_at >= :month) as later
       from connections indexed by connections_by_consent_end
       where consent_ends_at is not null and state in ('active', 'needs_mfa')`,
    )
    .get({ week: iso(now + 7 * dayMs), month: iso(now + 30 * dayMs) }) as unknown as ConsentClock
