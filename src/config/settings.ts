import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './read.ts'

/** Where things are. Read once, by the command line; the rest of the program is handed paths. */
export interface Settings {
  /** Folder for state, vault, segments, warehouse and generations. `FDX_DATA_DIR`, default `data`. */
  readonly dataDir: string
  /** Folder of pipeline and provider files. `FDX_PIPELINES_DIR`, default `pipelines`. */
  readonly pipelinesDir: string
  readonly env: Environment
}

/** The demo keeps everything it makes, its vault key included, in this folder of the data folder. */
export const demoFolder = 'demo'

export function readSettings(env: Environment, flags: { data?: string } = {}): Settings {
  return Object.freeze({
    dataDir: flags.data ?? env['FDX_DATA_DIR'] ?? 'data',
    pipelinesDir: env['FDX_PIPELINES_DIR'] ?? 'pipelines',
    env,
  })
}

export interface DataPaths {
  readonly root: string
  readonly stateFile: string
  readonly vault: string
  readonly locks: string
  readonly segments: string
  readonly warehouse: string
  readonly generations: string
  /** Scratch space of a load; may be emptied whenever no load runs. */
  readonly scratch: string
  /** Where queries of the SQL endpoint spill: a load must not empty it. */
  readonly sqlScratch: string
  /** Where queries of the command line spill to, a folder each. */
  readonly spill: string
}

/** Every path below a data folder. */
export function dataPaths(root: string): DataPaths {
  return {
    root,
    stateFile: join(root, 'state.db'),
    vault: join(root, 'vault'),
    locks: join(root, 'locks'),
    segments: join(root, 'segments'),
    warehouse: join(root, 'warehouse.duckdb'),
    generations: join(root, 'generations'),
    scratch: join(root, 'scratch'),
    sqlScratch: join(root, 'sql-scratch'),
    spill: join(root, 'spill'),
  }
}

/**
 * The data folder a reading command looks into: the one named, else `data`, else, where only the demo has
 * run, the demo’s.
 */
export function readableDataDir(settings: Settings): string {
  const published = (dir: string) => existsSync(join(dataPaths(dir).generations, 'CURRENT'))
  if (published(settings.dataDir)) return settings.dataDir
  const demo = join(settings.dataDir, demoFolder, 'data')
  return published(demo) ? demo : settings.dataDir
}
