import type { State } from './state.ts'

/** `partial`: some of it failed, the rest is there. `stopped`: by a signal, to go on later. */
export const runStatuses = ['running', 'ok', 'partial', 'failed', 'stopped'] as const
export type RunStatus = (typeof runStatuses)[number]

/** How a connection's part of a run ended. */
export const outcomes = [
  'running',
  'ok',
  'partial',
  'needs_mfa',
  'reauth',
  'failed',
  'stopped',
] as const
export type Outcome = (typeof outcomes)[number]

export interface Run {
  readonly id: string
  readonly pipeline: string
  readonly provider: string
  readonly status: RunStatus
  readonly started_at: string
  readonly ended_at: string | null
  readonly message: string
  /** Totals over its connections; 0 until it has ended. */
  readonly connections: number
  readonly pages: number
  readonly bytes: number
  readonly requests: number
  readonly retries: number
  /** When outcomes of its connections were last removed for their age. */
  readonly trimmed_at: string | null
}

/** What is known of a request that failed; null where none was sent, or nobody answered. */
export interface FailedRequest {
  /** HTTP. */
  readonly request_status: number | null
  /** Of the body, decoded. */
  readonly request_bytes: number | null
  /** Of the last attempt. */
  readonly request_ms: number | null
  /** Attempts before the last. */
  readonly request_retries: number | null
  /** `x-fapi-interaction-id`, or the provider's own word for the exchange: what its support asks for. */
  readonly interaction_id: string | null
}

export interface RunConnection extends Partial<FailedRequest> {
  readonly run_id: string
  readonly connection_id: string
  readonly status: Outcome
  readonly code: string
  readonly message: string
  readonly pages: number
  readonly bytes: number
  readonly requests: number
  readonly retries: number
  readonly started_at: string
  readonly ended_at: string | null
}

/** A part of a connection that could not be read: one account, one resource. */
export interface RunIssue extends Partial<FailedRequest> {
  readonly run_id: string
  readonly connection_id: string
  readonly stream: string
  readonly code: string
  readonly message: string
}

export function startRun(
  state: State,
  run: Pick<Run, 'id' | 'pipeline' | 'provider' | 'started_at'>,
): void {
  state.db
    .prepare(
      `insert into runs (id, pipeline, provider, status, started_at) values (?, ?, ?, 'running', ?)`,
    )
    .run(run.id, run.pipeline, run.provider, run.started_at)
}

/** Goes on with a run that was cut off or stopped. */
export function continueRun(state: State, id: string): void {
  state.db
    .prepare(`update runs set status = 'running', ended_at = null, message = '' where id = ?`)
    .run(id)
}

/**
 * The pipeline's last run, if it was cut off or stopped and began after `since`: it can go on. The caller
 * holds the pipeline's lock, so that `running` means that its process has died.
 */
export function unfinishedRun(state: State, pipeline: string, since: string): Run | undefined {
  const last = state.db
    .prepare('select * from runs where pipeline = ? order by started_at desc, rowid desc limit 1')
    .get(pipeline) as Run | undefined
  const isOpen = last?.status === 'running' || last?.status === 'stopped'
  return last && isOpen && last.started_at >= since ? last : undefined
}

/** Runs of the pipeline that were cut off and are not gone on with: nobody will end them any more. */
export function giveUpRuns(state: State, pipeline: string, at: string): void {
  state.db
    .prepare(
      `update runs set status = 'failed', ended_at = ?, message = 'cut off, and too old to go on with'
       where pipeline = ? and status = 'running'`,
    )
    .run(at, pipeline)
}

export function endRun(
  state: State,
  id: string,
  status: RunStatus,
  message: string,
  at: string,
): void {
  state.db
    .prepare(
      `update runs set status = ?, message = ?, ended_at = ?, (connections, pages, bytes, requests, retries) =
         (select count(*), coalesce(sum(pages), 0), coalesce(sum(bytes), 0), coalesce(sum(requests), 0), coalesce(sum(retries), 0)
          from run_connections where run_id = runs.id)
       where id = ?`,
    )
    .run(status, message, at, id)
}

export function lastRuns(state: State, limit: number): Run[] {
  return state.db
    .prepare('select * from runs order by started_at desc, id desc limit ?')
    .all(limit) as unknown as Run[]
}

/** Writes how a connection's part of a run stands; called at its start and at its end. */
export function saveRunConnection(state: State, part: RunConnection): void {
  const columns = Object.keys(part) as (keyof RunConnection)[]
  state.db
    .prepare(
      `insert or replace into run_connections (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
    )
    .run(...columns.map((name) => part[name] ?? null))
}

/** How a connection's part of a run stands; undefined when it has not begun. */
export function getRunConnection(
  state: State,
  runId: string,
  connectionId: string,
): RunConnection | undefined {
  return state.db
    .prepare('select * from run_connections where run_id = ? and connection_id = ?')
    .get(runId, connectionId) as RunConnection | undefined
}

/** What a run's connections have cost and brought, by how they ended. */
export function runTotals(state: State, runId: string) {
  return state.db
    .prepare(
      `select status, count(*) as connections, sum(pages) as pages, sum(bytes) as bytes,
         sum(requests) as requests, sum(retries) as retries
       from run_connections where run_id = ? group by status order by status`,
    )
    .all(runId) as unknown as (Meterings & { status: Outcome; connections: number })[]
}

type Meterings = Pick<RunConnection, 'pages' | 'bytes' | 'requests' | 'retries'>

export function runConnections(state: State, runId: string): RunConnection[] {
  return state.db
    .prepare('select * from run_connections where run_id = ? order by started_at, connection_id')
    .all(runId) as unknown as RunConnection[]
}

/** Notes an issue; of one that comes again in the same stream the first is kept, and counted. */
export function addRunIssue(state: State, issue: RunIssue): void {
  const columns = Object.keys(issue) as (keyof RunIssue)[]
  state.db
    .prepare(
      `insert into run_issues (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})
       on conflict do update set seen = seen + 1`,
    )
    .run(...columns.map((name) => issue[name] ?? null))
}

export function runIssues(state: State, runId: string): (RunIssue & { seen: number })[] {
  return state.db
    .prepare('select * from run_issues where run_id = ? order by connection_id, stream, code')
    .all(runId) as unknown as (RunIssue & { seen: number })[]
}

/** Whether a run has noted this issue of a connection's stream. */
export const hasIssue = (
  state: State,
  { run_id, connection_id, stream, code }: Omit<RunIssue, 'message'>,
): boolean =>
  state.db
    .prepare(
      'select 1 from run_issues where run_id = ? and connection_id = ? and stream = ? and code = ?',
    )
    .get(run_id, connection_id, stream, code) !== undefined
