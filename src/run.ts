import type { Provider } from './config/provider.ts'
import type { DataPaths } from './config/settings.ts'
import { openCredentials } from './connect/credentials.ts'
import type { TokenMetrics } from './connect/token-metrics.ts'
import { startTokens } from './connect/upkeep.ts'
import type { Vault } from './connect/vault.ts'
import { FdxError } from './errors.ts'
import { type Job, type PipelineReport, runPipeline, type Watch } from './extract/pipeline-run.ts'
import { eraseFromSegments } from './land/erase.ts'
import { openSegments } from './land/segments.ts'
import { type LoadReport, load } from './load/load.ts'
import { resumePurges } from './purge.ts'
import { isPublished, type PublishOptions, publish } from './serve/publish.ts'
import { expireConsents } from './state/consents.ts'
import { holdLock } from './state/lock.ts'
import { tombstones } from './state/purges.ts'
import type { State } from './state/state.ts'
import { filesFolder } from './state/statement-files.ts'
import type { World } from './world.ts'

export type { Job, PipelineReport, Watch } from './extract/pipeline-run.ts'

export interface RunTools {
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  readonly world: World
  readonly signal: AbortSignal
  /** Only the connections whose last run did not end `ok`. */
  readonly onlyFailed?: boolean
  /** How to publish. */
  readonly publish?: PublishOptions
  readonly watch: Watch
  /** Is given the counters of a provider's token manager when it starts; they count while it works. */
  readonly onTokens?: (provider: string, metrics: TokenMetrics) => void
}

export interface RunReport {
  readonly extracted: readonly PipelineReport[]
  /** Pipelines that were not run, because another process was running them. */
  readonly underWay: readonly string[]
  readonly loaded: LoadReport
  /** Name of the new generation; null when nothing has changed. */
  readonly generation: string | null
}

/**
 * The whole flow, once: read this first. Each line is a stage, and each stage is a folder. Extract and load
 * meet only on disk, so whatever was landed is loaded, however extraction ended.
 * @throws FdxError `DISK_FULL`, `STOPPED`, `LOCK_TIMEOUT` while every one of the pipelines runs elsewhere, or what load
 * throws. A connection's own failure is in the report.
 */
export async function run(jobs: readonly Job[], tools: RunTools): Promise<RunReport> {
  const extracted = await extract(jobs, tools)
  if (tools.signal.aborted)
    throw new FdxError(
      'STOPPED',
      'stopped; what was landed is kept: run the same command again to go on',
    )
  const ran = new Set(extracted.map(({ job }) => job))
  const underWay = jobs.filter((job) => !ran.has(job)).map(({ pipeline }) => pipeline.name)
  return { extracted, underWay, ...(await loadAndPublish(tools)) }
}

/**
 * connect → extract → land: what a process does that leaves loading to another.
 * @throws FdxError as `run`, but for what load throws.
 */
export async function extract(jobs: readonly Job[], tools: RunTools): Promise<PipelineReport[]> {
  const { paths, state, watch, world } = tools
  const extracted: PipelineReport[] = []
  await resumePurges({
    ...tools,
    providerOf: (name) => jobs.find(({ provider }) => provider.name === name)?.provider,
    onWait: watch.waitingForLoader,
  })
  expireConsents(state, new Date(world.now()).toISOString())
  {
    await using segments = await openSegments(tools)
    for (const job of jobs) {
      using alone = await lockPipeline(job, paths)
      if (alone === undefined) {
        watch.underWay(job)
        continue
      }
      const credentialsOf = await startCredentials(job.provider, tools)
      extracted.push(
        await runPipeline(job, {
          ...tools,
          credentialsOf,
          land: segments.land,
          files: filesFolder(paths),
        }),
      )
    }
  }
  if (jobs.length > 0 && extracted.length === 0)
    throw new FdxError(
      'LOCK_TIMEOUT',
      `${jobs.map(({ pipeline }) => pipeline.name).join(', ')}: under way in another fdx process; try again later`,
    )
  // What was withdrawn while it was being extracted must not be loaded.
  for (const id of tombstones(state)) await eraseFromSegments(paths, state, id)
  return extracted
}

/** Undefined while another process runs the pipeline. */
async function lockPipeline({ pipeline }: Job, { locks }: DataPaths) {
  try {
    return await holdLock(`${locks}/pipeline-${pipeline.name}.lock`, { waitMs: 0 })
  } catch (error) {
    if (error instanceof FdxError && error.code === 'LOCK_TIMEOUT') return undefined
    throw error
  }
}

/** connect: what opens each connection's data, after the provider's open and idle tokens have been seen to. */
async function startCredentials(provider: Provider, tools: RunTools) {
  const options = { ...tools, locks: tools.paths.locks }
  if (provider.protocol !== 'fdx') return openCredentials({ ...options, provider })
  const tokens = await startTokens({ ...options, provider })
  tools.onTokens?.(provider.name, tokens.metrics)
  return openCredentials({ ...options, provider, tokens })
}

/** load → serve: one committer at a time; whoever has the lock takes everything that has landed. */
export async function loadAndPublish(
  tools: Omit<RunTools, 'vault' | 'onlyFailed'>,
): Promise<{ loaded: LoadReport; generation: string | null }> {
  const { paths, signal, watch, world } = tools
  using _lock = await holdLock(`${paths.locks}/loader.lock`, {
    waitMs: 3_600_000,
    signal,
    onWait: watch.waitingForLoader,
  })
  const loaded = await load({ ...tools, now: world.now, onProgress: watch.loading })
  const isNew = loaded.changed || !(await isPublished(paths)) // a run may have been killed in between
  const generation = isNew ? (await publish(paths, tools.publish)).generation : null
  return { loaded, generation }
}
