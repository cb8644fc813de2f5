import { setImmediate as breathe } from 'node:timers/promises'
import type { State } from './state.ts'

export interface Retention {
  readonly pipeline: string
  readonly keepOutcomesDays: number
  readonly keepRunsDays: number
}

const dayMs = 86_400_000
/** Rows that one transaction removes: another process may wait for it. */
const sliceRows = 5_000

/**
 * Removes what a pipeline’s records need not hold any more: how connections fared in runs that are older than
 * `keepOutcomesDays`, but for the last outcome of each connection, which the next run and people ask for; and
 * runs, with their totals, that are older than `keepRunsDays`. A million connections that are read each night
 * would otherwise leave 365 million rows a year. `now` is in milliseconds.
 */
export async function trimRuns(state: State, retention: Retention, now: number): Promise<void> {
  const { pipeline, keepOutcomesDays, keepRunsDays } = retention
  const before = (days: number) => new Date(now - days * dayMs).toISOString()
  const at = new Date(now).toISOString()
  const old = state.db
    .prepare(
      `select id from runs where pipeline = ? and started_at < ? and ended_at is not null
         and exists (select 1 from run_connections where run_id = runs.id)`,
    )
    .all(pipeline, before(keepOutcomesDays))
    .map((row) => String(row['id']))
  for (const id of old) while (trimSlice(state, id, at) === sliceRows) await breathe()
  state.db
    .prepare(
      `delete from runs where pipeline = ? and started_at < ? and ended_at is not null
         and not exists (select 1 from run_connections where run_id = runs.id)`,
    )
    .run(pipeline, before(keepRunsDays))
}

/** Returns how many outcomes it has removed. */
function trimSlice(state: State, runId: string, at: string): number {
  return state.transaction(() => {
    const { changes } = state.db
      .prepare(
        `delete from run_connections where rowid in (
           select part.rowid from run_connections as part join runs on runs.id = part.run_id
           where part.run_id = ?
             and exists (
               select 1 from run_connections as newer join runs as its on its.id = newer.run_id
               where newer.connection_id = part.connection_id and its.pipeline = runs.pipeline
                 and its.started_at > runs.started_at)
           limit ?)`,
      )
      .run(runId, sliceRows)
    if (changes === 0) return 0
    state.db
      .prepare(
        `delete from run_issues where run_id = ? and not exists (
           select 1 from run_connections as part
           where part.run_id = run_issues.run_id and part.connection_id = run_issues.connection_id)`,
      )
      .run(runId)
    state.db.prepare('update runs set trimmed_at = ? where id = ?').run(at, runId)
    return Number(changes)
  })
}
