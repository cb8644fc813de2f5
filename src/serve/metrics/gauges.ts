import { statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Gauge, type Registry } from 'prom-client'
import type { DataPaths } from '../../config/settings.ts'
import {
  type ConnectionCount,
  type ConsentEnds,
  connectionCounts,
  consentEnds,
  type PipelineStanding,
  pipelineStandings,
  type Staleness,
  staleness,
} from '../../state/standing.ts'
import type { State } from '../../state/state.ts'
import type { World } from '../../world.ts'
import { currentName } from '../generation.ts'

export interface GaugeSources {
  readonly registry: Registry
  readonly state: State
  readonly paths: DataPaths
  readonly world: Pick<World, 'now'>
  readonly version: string
  /** When pipelines run next. Seconds since the epoch. */
  readonly nextStarts: () => readonly { readonly pipeline: string; readonly at: number }[]
  readonly parts: () => Promise<Readonly<Record<string, boolean>>>
}

interface Standing {
  readonly connections: readonly ConnectionCount[]
  readonly consents: readonly ConsentEnds[]
  readonly stale: readonly Staleness[]
  readonly pipelines: readonly PipelineStanding[]
}

/** Counting a million connections takes a while: what was counted is used again for so many times as long. */
const restFactor = 20
const shortestRestMs = 5_000

/** What is looked up when somebody asks: connections, consents, freshness, the disk. */
export function addGauges(sources: GaugeSources): void {
  const { registry, state, paths, world } = sources
  const registers = [registry]
  let standing: Standing | undefined
  let until = 0
  const look = (): Standing => {
    const started = performance.now()
    if (standing === undefined || started > until) {
      standing = {
        connections: connectionCounts(state),
        consents: consentEnds(state, world.now()),
        stale: staleness(state),
        pipelines: pipelineStandings(state),
      }
      const took = performance.now() - started
      until = performance.now() + Math.max(shortestRestMs, took * restFactor)
    }
    return standing
  }

  /** A gauge whose series are set anew whenever it is asked for: what is gone has none. */
  function gauge<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    fill: (set: (labels: Record<L, string>, value: number) => void) => void | Promise<void>,
  ): void {
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        this.reset()
        await fill((labels, value) => this.set(labels as Partial<Record<L, string>>, value))
      },
    })
  }

  gauge('fdx_connections', 'Connections, by provider and state.', ['provider', 'state'], (set) => {
    for (const { connections, ...labels } of look().connections) set(labels, connections)
  })
  gauge(
    'fdx_consents_ending',
    'Connections whose consent ends within so many days, or has ended.',
    ['provider', 'within_days'],
    (set) => {
      for (const { provider, within7, within30 } of look().consents) {
        set({ provider, within_days: '7' }, within7)
        set({ provider, within_days: '30' }, within30)
      }
    },
  )
  gauge(
    'fdx_consent_soonest_end_days',
    'Days until the first consent of the provider ends.',
    ['provider'],
    (set) => {
      for (const { provider, soonest } of look().consents) set({ provider }, soonest)
    },
  )
  gauge(
    'fdx_oldest_good_pull_timestamp_seconds',
    'The active connection that has waited longest for a complete pull: when it had its last.',
    ['provider'],
    (set) => {
      for (const { provider, oldest_good_at } of look().stale)
        if (oldest_good_at !== null) set({ provider }, Date.parse(oldest_good_at) / 1_000)
    },
  )
  gauge(
    'fdx_pipeline_last_good_timestamp_seconds',
    'End of the last run that brought data.',
    ['pipeline'],
    (set) => {
      for (const { pipeline, good_at } of look().pipelines)
        if (good_at !== null) set({ pipeline }, Date.parse(good_at) / 1_000)
    },
  )
  gauge('fdx_pipeline_running', 'Whether the pipeline is being run.', ['pipeline'], (set) => {
    for (const { pipeline, status } of look().pipelines)
      set({ pipeline }, status === 'running' ? 1 : 0)
  })
  gauge('fdx_pipeline_next_start_timestamp_seconds', 'When it runs next.', ['pipeline'], (set) => {
    for (const { pipeline, at } of sources.nextStarts()) set({ pipeline }, at)
  })
  gauge(
    'fdx_generation_published_timestamp_seconds',
    'When readers got new data.',
    [],
    async (set) => {
      set({}, (await publishedAt(paths)) ?? Number.NaN)
    },
  )
  gauge('fdx_disk_free_bytes', 'Free space of the data folder.', [], async (set) => {
    const { bavail, bsize } = await statfs(paths.root)
    set({}, bavail * bsize)
  })
  gauge('fdx_part_up', 'Whether a part of this process works.', ['part'], async (set) => {
    for (const [part, up] of Object.entries(await sources.parts())) set({ part }, up ? 1 : 0)
  })
  gauge('fdx_build_info', 'Always 1.', ['version', 'node'], (set) =>
    set({ version: sources.version, node: process.versions.node }, 1),
  )
}

/** Seconds since the epoch; undefined before anything was published. */
async function publishedAt(paths: DataPaths): Promise<number | undefined> {
  try {
    return statSync(join(paths.generations, await currentName(paths))).mtimeMs / 1_000
  } catch {
    return undefined
  }
}
