import type { Outcome, Run, RunConnection, RunStatus } from '../../../state/runs.ts'
import { outcomes, runStatuses, runTotals } from '../../../state/runs.ts'
import type { State } from '../../../state/state.ts'

export const runsPageSize = 50

export interface RunFilter {
  readonly pipeline: string
  readonly status: RunStatus | ''
  /** `started_at` and id of the last run of the page before, with a space between. */
  readonly before: string
}

export function readRunFilter(query: Readonly<Record<string, unknown>>): RunFilter {
  const text = (name: string) => {
    const value = query[name]
    return typeof value === 'string' ? value.slice(0, 200) : ''
  }
  return {
    pipeline: text('pipeline'),
    status: runStatuses.find((one) => one === text('status')) ?? '',
    before: text('before'),
  }
}

/** One page of runs, newest first. */
export function runPage(
  state: State,
  filter: RunFilter,
): { runs: readonly Run[]; next: string | undefined } {
  const [startedAt = '', id = ''] = filter.before.split(' ')
  const rows = state.db
    .prepare(
      `select * from runs
       where (:pipeline = '' or pipeline = :pipeline) and (:status = '' or status = :status)
         and (:started = '' or (started_at, id) < (:started, :id))
       order by started_at desc, id desc limit :limit`,
    )
    .all({
      pipeline: filter.pipeline,
      status: filter.status,
      started: startedAt,
      id,
      limit: runsPageSize + 1,
    }) as unknown as Run[]
  const runs = rows.slice(0, runsPageSize)
  const last = runs.at(-1)
  const isMore = rows.length > runsPageSize && last !== undefined
  return { runs, next: isMore ? `${last.started_at} ${last.id}` : undefined }
}

export const getRun = (state: State, id: string): Run | undefined =>
  state.db.prepare('select * from runs where id = ?').get(id) as unknown as Run | undefined

/** Runs that have not ended. */
export const openRuns = (state: State): Run[] =>
  state.db
    .prepare(
      `select * from (select * from runs order by started_at desc, id desc limit 500)
       where status = 'running' limit 20`,
    )
    .all() as unknown as Run[]

/** How many connections the provider of a run has that may be asked. */
const askable = (state: State, provider: string): number =>
  Number(
    state.db
      .prepare(
        `select count(*) as count from connections
         where provider = ? and state in ('active', 'needs_mfa', 'reauth')`,
      )
      .get(provider)?.['count'],
  )

/** Connections of a run that have ended, and how many it has as far as is known. */
export interface Progress {
  readonly done: number
  readonly of: number
}

export function progressOf(
  state: State,
  run: Run,
  totals: ReturnType<typeof runTotals> = runTotals(state, run.id),
): Progress {
  const begun = totals.reduce((sum, { connections }) => sum + connections, 0)
  const reading = totals.find(({ status }) => status === 'running')?.connections ?? 0
  const of = run.status === 'running' ? Math.max(begun, askable(state, run.provider)) : begun
  return { done: begun - reading, of }
}

/** The progress of every run that has not ended, by its id. */
export const openProgress = (state: State): ReadonlyMap<string, Progress> =>
  new Map(openRuns(state).map((run) => [run.id, progressOf(state, run)]))

/** Pages that the connections now being read have landed so far. */
export const pagesUnderWay = (state: State, runId: string): number =>
  Number(
    state.db
      .prepare(
        `select coalesce(sum(c.pages), 0) as pages
         from run_connections as part join checkpoints as c on c.connection_id = part.connection_id
         where part.run_id = :run and part.status = 'running' and c.run_id = :run`,
      )
      .get({ run: runId })?.['pages'],
  )

export const partsPageSize = 100

export interface PartFilter {
  readonly status: Outcome | ''
  readonly after: string
}

export function readPartFilter(query: Readonly<Record<string, unknown>>): PartFilter {
  const { status, after } = query
  return {
    status: outcomes.find((one) => one === status) ?? '',
    after: typeof after === 'string' ? after.slice(0, 100) : '',
  }
}

/** A page of the connections of a run, in the order of their ids. */
export function partPage(
  state: State,
  runId: string,
  { status, after }: PartFilter,
): { parts: readonly RunConnection[]; next: string | undefined } {
  const rows = state.db
    .prepare(
      `select * from run_connections
       where run_id = ? and connection_id > ? and (? = '' or status = ?)
       order by connection_id limit ?`,
    )
    .all(runId, after, status, status, partsPageSize + 1) as unknown as RunConnection[]
  const parts = rows.slice(0, partsPageSize)
  return { parts, next: rows.length > partsPageSize ? parts.at(-1)?.connection_id : undefined }
}

/** What could not be read in a run, counted over its connections: the most frequent first. */
export const issueKinds = (state: State, runId: string) =>
  state.db
    .prepare(
      `select code, message, count(distinct connection_id) as connections, sum(seen) as seen
       from run_issues where run_id = ? group by code, message order by seen desc limit 50`,
    )
    .all(runId) as unknown as {
    code: string
    message: string
    connections: number
    seen: number
  }[]
