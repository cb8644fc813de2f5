import type { ConnectionState } from './connections.ts'
import type { State } from './state.ts'

/** Connections counted, for people and gauges that must not read a million of them one by one. */
export interface ConnectionCount {
  readonly provider: string
  readonly state: ConnectionState
  readonly connections: number
}

export const connectionCounts = (state: State): ConnectionCount[] =>
  state.db
    .prepare(
      'select provider, state, count(*) as connections from connections group by 1, 2 order by 1, 2',
    )
    .all() as unknown as ConnectionCount[]

/** When the consents of a provider's active connections end. Days are whole ones, from now. */
export interface ConsentEnds {
  readonly provider: string
  readonly within7: number
  readonly within30: number
  /** Days until the first of them ends. */
  readonly soonest: number
}

export function consentEnds(state: State, now: number): ConsentEnds[] {
  const at = (days: number) => new Date(now + days * 86_400_000).toISOString()
  const rows = state.db
    .prepare(
      `select provider, min(consent_ends_at) as first,
         sum(consent_ends_at <= ?) as within7, sum(consent_ends_at <= ?) as within30
       from connections where state in ('active', 'needs_mfa') and consent_ends_at is not null
       group by provider order by provider`,
    )
    .all(at(7), at(30))
  return rows.map((row) => ({
    provider: String(row['provider']),
    within7: Number(row['within7']),
    within30: Number(row['within30']),
    soonest: Math.max(0, Math.floor((Date.parse(String(row['first'])) - now) / 86_400_000)),
  }))
}

/** The oldest of the last good pulls of a provider's active connections, and how many have had none. */
export interface Staleness {
  readonly provider: string
  readonly oldest_good_at: string | null
  readonly never: number
}

export const staleness = (state: State): Staleness[] =>
  state.db
    .prepare(
      `select provider, min(last_good_at) as oldest_good_at, sum(last_good_at is null) as never
       from connections where state = 'active' group by provider order by provider`,
    )
    .all() as unknown as Staleness[]

/** Each pipeline's last run, and the end of its last good one. */
export interface PipelineStanding {
  readonly pipeline: string
  readonly status: string
  readonly started_at: string
  readonly ended_at: string | null
  readonly message: string
  readonly good_at: string | null
}

export const pipelineStandings = (state: State): PipelineStanding[] =>
  state.db
    .prepare(
      `select pipeline, status, max(started_at) as started_at, ended_at, message,
         (select max(ended_at) from runs good
          where good.pipeline = runs.pipeline and good.status in ('ok', 'partial')) as good_at
       from runs group by pipeline order by pipeline`,
    )
    .all() as unknown as PipelineStanding[]
