import pLimit from 'p-limit'
import type { Pipeline } from './config/pipeline.ts'
import type { FdxProvider, Provider } from './config/provider.ts'
import type { DataPaths } from './config/settings.ts'
import { openCredentials } from './connect/credentials.ts'
import { type TokenManager, tokenManager } from './connect/tokens.ts'
import type { Vault } from './connect/vault.ts'
import { FdxError } from './errors.ts'
import { type ConnectionReport, extractConnection } from './extract/extract.ts'
import { openPace } from './extract/pace.ts'
import { eraseFromSegments } from './land/erase.ts'
import { openSegments, type Segments } from './land/segments.ts'
import { type LoadReport, load } from './load/load.ts'
import { resumePurges } from './purge.ts'
import { publish } from './serve/publish.ts'
import { type Connection, isEnded, listConnections } from './state/connections.ts'
import { expireConsents } from './state/consents.ts'
import { holdLock } from './state/lock.ts'
import { tombstones } from './state/purges.ts'
import { endRun, type RunStatus, saveRunConnection, startRun } from './state/runs.ts'
import type { State } from './state/state.ts'
import type { World } from './world.ts'

/** A pipeline with its provider, as read from their files. */
export interface Job {
  readonly pipeline: Pipeline
  readonly provider: Provider
}

export interface RunTools {
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  readonly world: World
  readonly signal: AbortSignal
  readonly watch: Watch
}

/** Is told what happens; never decides anything. */
export interface Watch {
  /** Pages and bytes of a pipeline so far. */
  extracting(job: Job, sum: { connections: number; of: number; pages: number; bytes: number }): void
  connectionEnded(job: Job, report: ConnectionReport): void
  loading(done: { segments: number; pages: number; of: number }): void
  waitingForLoader(): void
}

export interface RunReport {
  readonly extracted: readonly {
    readonly job: Job
    readonly connections: readonly ConnectionReport[]
  }[]
  readonly loaded: LoadReport
  /** Name of the new generation; null when nothing has changed. */
  readonly generation: string | null
}

/**
 * The whole flow, once: read this first. Each line is a stage, and each stage is a folder. Extract and load
 * meet only on disk, so whatever was landed is loaded, however extraction ended.
 * @throws FdxError `DISK_FULL`, `STOPPED`, or what load throws. A connection's own failure is in the report.
 */
export async function run(jobs: readonly Job[], tools: RunTools): Promise<RunReport> {
  const extracted = []
  await resumePurges({
    ...tools,
    providerOf: (name) => jobs.find(({ provider }) => provider.name === name)?.provider,
    onWait: tools.watch.waitingForLoader,
  })
  expireConsents(tools.state, new Date(tools.world.now()).toISOString())
  {
    await using segments = await openSegments(tools)
    for (const job of jobs)
      extracted.push({ job, connections: await extract(job, tools, segments) })
  }
  // What was withdrawn while it was being extracted must not be loaded.
  for (const id of tombstones(tools.state)) await eraseFromSegments(tools.paths, tools.state, id)
  return { extracted, ...(await loadAndPublish(tools)) }
}

/** connect → extract → land: every connection of the pipeline's provider, as many at once as it allows. */
async function extract(job: Job, tools: RunTools, segments: Segments): Promise<ConnectionReport[]> {
  const { pipeline, provider } = job
  const { state, world, signal, watch } = tools
  const connections = listConnections(state, provider.name).filter(
    (connection) => !isEnded(connection),
  )
  const runId = world.uuid()
  const now = () => new Date(world.now()).toISOString()
  startRun(state, {
    id: runId,
    pipeline: pipeline.name,
    provider: provider.name,
    started_at: now(),
  })

  const credentialsOf = openCredentials({
    ...tools,
    provider,
    locks: tools.paths.locks,
    ...(provider.protocol === 'fdx' && { tokens: await upkeep(provider, connections, tools) }),
  })
  await using pace = openPace(provider.pace, world)
  const sum = { connections: 0, of: connections.length, pages: 0, bytes: 0 }
  const seen = new Map<string, { pages: number; bytes: number }>()

  const extractOne = async (connection: Connection): Promise<ConnectionReport> => {
    if (connection.state === 'reauth') return notAsked(connection)
    const report = await extractConnection({
      ...job,
      connection,
      credentials: () => credentialsOf(connection),
      runId,
      state,
      land: segments.land,
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
    sum.connections += 1
    watch.extracting(job, sum)
    watch.connectionEnded(job, report)
    return report
  }

  /** Without a grant there is nothing to ask with: the provider is left in peace until the person connects. */
  const notAsked = (connection: Connection): ConnectionReport => {
    const none = { pages: 0, bytes: 0, requests: 0, retries: 0 }
    const end = { status: 'reauth', code: 'REAUTH', message: connection.reason, ...none } as const
    const times = { started_at: now(), ended_at: now() }
    saveRunConnection(state, { run_id: runId, connection_id: connection.id, ...end, ...times })
    const report = { connectionId: connection.id, ...end }
    watch.connectionEnded(job, report)
    return report
  }

  try {
    const reports = await pLimit(provider.pace.concurrency).map(connections, extractOne)
    endRun(state, runId, runStatus(reports), summary(reports), now())
    return reports
  } catch (error) {
    const stopped = error instanceof FdxError && error.code === 'STOPPED'
    const message = error instanceof FdxError ? error.message : 'a fault of its own'
    endRun(state, runId, stopped ? 'stopped' : 'failed', message, now())
    throw error
  }
}

/** Before anything is asked: open refreshes are settled, and refresh tokens that lie idle are used in time. */
async function upkeep(
  provider: FdxProvider,
  connections: readonly Connection[],
  tools: RunTools,
): Promise<TokenManager> {
  const tokens = tokenManager({ ...tools, provider, locks: tools.paths.locks })
  await tokens.settleAll()
  await tokens.keepAlive(connections.filter(({ state }) => state !== 'reauth'))
  return tokens
}

function runStatus(reports: readonly ConnectionReport[]): RunStatus {
  if (reports.some(({ status }) => status === 'stopped')) return 'stopped'
  if (reports.every(({ status }) => status === 'ok')) return 'ok'
  return reports.some(({ status }) => status === 'ok' || status === 'partial')
    ? 'partial'
    : 'failed'
}

function summary(reports: readonly ConnectionReport[]): string {
  const counts = Map.groupBy(reports, ({ status }) => status)
  return (
    [...counts].map(([status, some]) => `${some.length} ${status}`).join(', ') || 'no connections'
  )
}

/** load → serve: one committer at a time; whoever has the lock takes everything that has landed. */
async function loadAndPublish(
  tools: RunTools,
): Promise<{ loaded: LoadReport; generation: string | null }> {
  const { paths, signal, watch, world } = tools
  using _lock = await holdLock(`${paths.locks}/loader.lock`, {
    waitMs: 3_600_000,
    signal,
    onWait: watch.waitingForLoader,
  })
  const loaded = await load({ ...tools, now: world.now, onProgress: watch.loading })
  const generation = loaded.changed ? (await publish(paths)).generation : null
  return { loaded, generation }
}
