import type { Pipeline } from '../config/pipeline.ts'
import type { Provider } from '../config/provider.ts'
import type { Credentials } from '../connect/credentials.ts'
import { FdxError } from '../errors.ts'
import { type Connection, countConnections, eachConnection } from '../state/connections.ts'
import { leaveUntil, notBefore } from '../state/provider-waits.ts'
import { trimRuns } from '../state/retention.ts'
import {
  continueRun,
  endRun,
  giveUpRuns,
  type Outcome,
  type RunStatus,
  runTotals,
  saveRunConnection,
  startRun,
  unfinishedRun,
} from '../state/runs.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { type ConnectionReport, extractConnection } from './extract.ts'
import type { Land } from './extraction.ts'
import { type Meter, newMeter } from './meter.ts'
import { openPace } from './pace.ts'
import { holdYoungHeap } from './young-heap.ts'

/** A pipeline with its provider, as read from their files. */
export interface Job {
  readonly pipeline: Pipeline
  readonly provider: Provider
}

export interface PipelineTools {
  readonly state: State
  readonly world: World
  readonly signal: AbortSignal
  readonly land: Land
  /** Folder for files that are kept beside the pages. */
  readonly files: string
  readonly credentialsOf: (connection: Connection) => Promise<Credentials>
  /** Only the connections whose last run of this pipeline did not end `ok`. */
  readonly onlyFailed?: boolean
  readonly watch: Pick<Watch, 'extracting' | 'connectionEnded' | 'unreachable'>
}

/** Is told what happens; never decides anything. */
export interface Watch {
  /** Another process runs the pipeline; this one goes on without it. */
  underWay(job: Job): void
  /** Pages and bytes of a pipeline so far. */
  extracting(job: Job, sum: { connections: number; of: number; pages: number; bytes: number }): void
  connectionEnded(job: Job, report: ConnectionReport): void
  /** Once each time that the provider cannot be reached, or asks to be left alone, for so many milliseconds. */
  unreachable(job: Job, pauseMs: number): void
  loading(done: { segments: number; pages: number; of: number }): void
  waitingForLoader(): void
}

/** How a pipeline's part of a run ended. Its size does not grow with the number of connections. */
export interface PipelineReport extends Readonly<Meter> {
  readonly job: Job
  readonly runId: string
  /** Connections by how they ended. */
  readonly ended: Readonly<Partial<Record<Outcome, number>>>
  /** The first connections that did not end `ok`; `fdx status` and ops.run_connections have them all. */
  readonly notOk: readonly ConnectionReport[]
}

/** How long connections are held back for a provider that cannot be reached; then they fail, each at once. Milliseconds. */
const longestUnreachableMs = 600_000
const lookAgainMs = 500
const noop = () => {}

/** So many connections that did not end well are listed in a report. */
export const listedNotOk = 100

/**
 * connect → extract → land: every connection of the pipeline's provider, as many at once as it allows. They
 * are taken from the registry a page at a time, so that ten thousand that wait cost no more than a hundred.
 * The caller holds the pipeline's lock: two runs of one pipeline at a time would ask for everything twice.
 * @throws FdxError `DISK_FULL`. A connection's own failure is in the report.
 */
export async function runPipeline(job: Job, tools: PipelineTools): Promise<PipelineReport> {
  const { pipeline, provider } = job
  const { state, world, signal, watch } = tools
  using _small = holdYoungHeap()
  const now = () => new Date(world.now()).toISOString()
  const voices = Math.min(2, countConnections(state, { provider: provider.name }))
  await using pace = openPace(provider, world, {
    notBefore: notBefore(state, provider.name),
    voices,
    keep: (until) => leaveUntil(state, provider.name, until),
  })
  const runId = beginRun(job, tools)
  const failedIn = tools.onlyFailed ? pipeline.name : undefined
  const which = { provider: provider.name, failedIn, runId }
  const sum = { connections: 0, of: countConnections(state, which), pages: 0, bytes: 0 }
  const waiting = eachConnection(state, which)

  const seen = new Map<string, { pages: number; bytes: number }>()
  const notOk: ConnectionReport[] = []

  async function extractOne(connection: Connection): Promise<ConnectionReport> {
    if (connection.state === 'reauth') return notAsked(connection)
    const report = await extractConnection({
      ...job,
      connection,
      credentials: () => tools.credentialsOf(connection),
      runId,
      state,
      land: tools.land,
      files: tools.files,
      pace,
      world,
      signal,
      onProgress: ({ connectionId, pages, bytes }) => {
        const before = seen.get(connectionId) ?? { pages: 0, bytes: 0 }
        seen.set(connectionId, { pages, bytes })
        sum.pages += pages - before.pages
        sum.bytes += bytes - before.bytes
        watch.extracting(job, sum)
      },
    })
    seen.delete(connection.id)
    return report
  }

  /** Without a grant there is nothing to ask with: the provider is left in peace until the person connects. */
  function notAsked(connection: Connection): ConnectionReport {
    const end = { status: 'reauth', code: 'REAUTH', message: connection.reason } as const
    const times = { started_at: now(), ended_at: now() }
    const part = { run_id: runId, connection_id: connection.id, ...end, ...newMeter(), ...times }
    saveRunConnection(state, part)
    return { connectionId: connection.id, ...end, ...newMeter() }
  }

  function count(report: ConnectionReport): void {
    if (report.status !== 'ok' && notOk.length < listedNotOk) notOk.push(report)
    sum.connections += 1
    watch.extracting(job, sum)
    watch.connectionEnded(job, report)
  }

  /** Takes the next connection, and the next, until none is left, the run is stopped, or one of the workers has failed. */
  async function work(): Promise<void> {
    for (const connection of waiting) {
      await reachable()
      if (signal.aborted) return
      count(await extractOne(connection))
    }
  }

  let unreachableSince: number | undefined
  /** Holds the next connections back while the provider cannot be reached, instead of failing them all. */
  async function reachable(): Promise<void> {
    for (let pause = pace.breaker.pause(); pause > 0; pause = pace.breaker.pause()) {
      if (unreachableSince === undefined) watch.unreachable(job, pause)
      unreachableSince ??= world.now()
      const left = unreachableSince + longestUnreachableMs - world.now()
      // What lies beyond is not worth waiting for: the next run asks again.
      if (signal.aborted || pause > left) return
      await world.sleep(Math.min(pause, lookAgainMs * (0.5 + world.random())), signal).catch(noop)
    }
    unreachableSince = undefined
  }

  try {
    const workers = Array.from({ length: provider.pace.concurrency }, work)
    const failed = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
    const { ended, ...total } = totalsOf(state, runId)
    const status = signal.aborted ? 'stopped' : runStatus(ended)
    endRun(state, runId, status, summary(ended), now())
    await trimRuns(state, { ...pipeline, pipeline: pipeline.name }, world.now())
    return { job, runId, ended, notOk, ...total }
  } catch (error) {
    const stopped = error instanceof FdxError && error.code === 'STOPPED'
    const message = error instanceof FdxError ? error.message : 'a fault of its own'
    endRun(state, runId, stopped ? 'stopped' : 'failed', message, now())
    throw error
  }
}

/** How long a provider is expected to remember where a reading was cut off. Milliseconds. */
export const resumableMs = 6 * 3_600_000

/** A run that was killed or stopped goes on, as the same run: what it has read is not asked for again. */
function beginRun(
  { pipeline, provider }: Job,
  { state, world, onlyFailed }: PipelineTools,
): string {
  const now = new Date(world.now()).toISOString()
  const since = new Date(world.now() - resumableMs).toISOString()
  return state.transaction(() => {
    const unfinished = onlyFailed ? undefined : unfinishedRun(state, pipeline.name, since)
    if (unfinished) {
      continueRun(state, unfinished.id)
      return unfinished.id
    }
    giveUpRuns(state, pipeline.name, now)
    const id = world.uuid()
    startRun(state, { id, pipeline: pipeline.name, provider: provider.name, started_at: now })
    return id
  })
}

/** Read from the state store, because a run may have had several processes. */
function totalsOf(state: State, runId: string): Meter & Pick<PipelineReport, 'ended'> {
  const ended: Partial<Record<Outcome, number>> = {}
  const total = newMeter()
  for (const { status, connections, ...costs } of runTotals(state, runId)) {
    ended[status] = connections
    for (const what of ['pages', 'bytes', 'requests', 'retries'] as const)
      total[what] += costs[what]
  }
  return { ...total, ended }
}

function runStatus(ended: PipelineReport['ended']): RunStatus {
  const kinds = Object.keys(ended)
  if (kinds.includes('stopped')) return 'stopped'
  if (kinds.every((kind) => kind === 'ok')) return 'ok'
  return kinds.includes('ok') || kinds.includes('partial') ? 'partial' : 'failed'
}

function summary(ended: PipelineReport['ended']): string {
  const counts = Object.entries(ended).map(([status, some]) => `${some} ${status}`)
  return counts.join(', ') || 'no connections'
}
