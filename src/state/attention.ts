import { statfsSync } from 'node:fs'
import type { State } from './state.ts'

/** Something that a person should know of: what, since when, how much of it, and what to do. */
export interface Attention {
  readonly level: 'now' | 'soon'
  readonly what: string
  /** ISO 8601, or null where there is no beginning. */
  readonly since: string | null
  readonly todo: string
}

const dayMs = 86_400_000
/** FDX suggests to warn 30 days before a consent ends; a week before it is urgent. */
const warnDays = 30
const urgentDays = 7
/** Less free space than this, and a load may not get through. Bytes. */
const leastFree = 1e9

const times = (count: number, one: string, many = `${one}s`) =>
  count === 1 ? `1 ${one}` : `${count} ${many}`

/** Everything in the state store that is not as it should be, the urgent first. `now` in milliseconds. */
export function needsAttention(state: State, root: string, now: number): Attention[] {
  const all = [
    ...waitingForPeople(state),
    ...badRuns(state),
    ...missedDues(state),
    ...endingConsents(state, now),
    ...purges(state),
    ...disk(root),
  ]
  return all.toSorted((a, b) => Number(a.level === 'soon') - Number(b.level === 'soon'))
}

function waitingForPeople(state: State): Attention[] {
  const rows = state.db
    .prepare(
      `select provider, state, reason, count(*) as n, min(updated_at) as since, min(id) as id
       from connections where state in ('reauth', 'needs_mfa') group by 1, 2, 3 order by n desc limit 20`,
    )
    .all()
  return rows.map((row) => {
    const provider = String(row['provider'])
    const count = Number(row['n'])
    const isMfa = row['state'] === 'needs_mfa'
    const why = isMfa ? 'the bank asks the person a question' : String(row['reason'])
    const which = count === 1 ? String(row['id']) : times(count, 'connection')
    return {
      level: 'now',
      what: `${which} at ${provider}: ${why}`,
      since: String(row['since']),
      todo: isMfa
        ? `fdx connect ${provider} --relaunch ${count === 1 ? which : 'ID'}`
        : `the person connects again: fdx connect ${provider}`,
    }
  })
}

/** Pipelines whose last run did not bring everything, and since when that is so. */
function badRuns(state: State): Attention[] {
  const rows = state.db
    .prepare(
      `select pipeline, status, message, max(started_at) as started_at,
         (select min(bad.started_at) from runs bad where bad.pipeline = runs.pipeline
            and bad.started_at > coalesce((select max(good.started_at) from runs good
              where good.pipeline = runs.pipeline and good.status = 'ok'), '')) as since
       from runs group by pipeline having status in ('failed', 'partial', 'stopped') order by pipeline`,
    )
    .all()
  return rows.map((row) => {
    const pipeline = String(row['pipeline'])
    const status = String(row['status'])
    return {
      level: status === 'stopped' ? 'soon' : 'now',
      what: `${pipeline} ended ${status}: ${row['message'] || 'see its connections'}`,
      since: String(row['since']),
      todo:
        status === 'stopped'
          ? `it goes on with: fdx run ${pipeline}`
          : `fdx run ${pipeline} --failed`,
    }
  })
}

/** Due times whose run failed as a whole: a file is wrong, the disk was full, a load broke. */
function missedDues(state: State): Attention[] {
  const rows = state.db
    .prepare(
      `select pipeline, message, max(due_at) as due_at, status from due_runs
       group by pipeline having status = 'failed' order by pipeline`,
    )
    .all()
  return rows.map((row) => ({
    level: 'now',
    what: `the scheduled run of ${row['pipeline']} failed: ${row['message']}`,
    since: String(row['due_at']),
    todo: `fdx doctor; then fdx run ${row['pipeline']}`,
  }))
}

function endingConsents(state: State, now: number): Attention[] {
  const until = (days: number) => new Date(now + days * dayMs).toISOString()
  const rows = state.db
    .prepare(
      `select provider, count(*) as n, min(consent_ends_at) as first, sum(consent_ends_at <= ?) as urgent
       from connections where state in ('active', 'needs_mfa') and consent_ends_at <= ?
       group by provider order by first`,
    )
    .all(until(urgentDays), until(warnDays))
  return rows.map((row) => {
    const urgent = Number(row['urgent'])
    const soon = `${times(Number(row['n']), 'consent')} at ${row['provider']} ${Number(row['n']) === 1 ? 'ends' : 'end'} within ${warnDays} days`
    return {
      level: urgent > 0 ? 'now' : 'soon',
      what: `${soon}${urgent > 0 ? `, ${urgent} within ${urgentDays}` : ''}, the first on ${String(row['first']).slice(0, 10)}`,
      since: null,
      todo: `ask the people to renew: fdx connect ${row['provider']}`,
    }
  })
}

function purges(state: State): Attention[] {
  const rows = state.db
    .prepare('select connection_id, asked_at from purges where done_at is null order by asked_at')
    .all()
  return rows.map((row) => ({
    level: 'now',
    what: `the purge of ${row['connection_id']} was cut off`,
    since: String(row['asked_at']),
    todo: `fdx connections purge ${row['connection_id']} --yes`,
  }))
}

function disk(root: string): Attention[] {
  const { bavail, bsize } = statfsSync(root)
  const free = bavail * bsize
  if (free >= leastFree) return []
  const what = `${(free / 1e9).toFixed(2)} GB free on the disk of ${root}`
  return [{ level: 'now', what, since: null, todo: 'free some space: docs/operate/incidents.md' }]
}
