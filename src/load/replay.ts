import { existsSync, readdirSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { syncFolder } from '../state/durable-file.ts'
import { type LoadOptions, type LoadReport, load } from './load.ts'
import { dayOf } from './order.ts'
import { openWarehouse } from './warehouse.ts'

export interface ReplayOptions
  extends Pick<LoadOptions, 'now' | 'onProgress' | 'signal' | 'state'> {
  readonly paths: DataPaths
  /** The new file. Must not exist. */
  readonly into: string
  /** Only segments begun on this day or after it, `YYYY-MM-DD`. */
  readonly since?: string
}

/** Where a replay builds what is to take the warehouse's place. */
export const rebuiltFile = (paths: DataPaths): string => `${paths.warehouse}.rebuilt`

/**
 * Builds a warehouse from the landed segments alone, in a file of its own: no bank is asked, and the warehouse
 * is not touched. The caller holds the loader's lock.
 * @throws FdxError `USAGE` when the file exists, or what load throws.
 */
export async function replay(options: ReplayOptions): Promise<LoadReport> {
  const { into, paths, since } = options
  if (existsSync(into))
    throw new FdxError('USAGE', `${into} exists already; name a new file, or remove it first`)
  const from = since?.replaceAll('-', '')
  return load({
    ...options,
    paths: { ...paths, warehouse: into },
    ...(from === undefined ? {} : { takes: (segment) => dayOf(segment) >= from }),
  })
}

/** Removes what an earlier replay has left that was cut off. */
export function forgetRebuilt(paths: DataPaths): void {
  for (const file of [rebuiltFile(paths), `${rebuiltFile(paths)}.wal`])
    rmSync(file, { force: true })
}

/**
 * Puts the rebuilt warehouse in the place of the old one. One that does not open is kept beside it, its .wal
 * too, under a name that this returns: whoever wants to look into it can; a purge removes it. Nothing is lost
 * when it is cut off: the warehouse can be rebuilt again.
 */
export async function takePlace(paths: DataPaths, stamp: string): Promise<string | null> {
  const aside = (await canOpen(paths)) ? null : `${paths.warehouse}.damaged-${stamp}`
  const handle = await open(rebuiltFile(paths), 'r')
  await handle.sync()
  await handle.close()
  for (const end of ['.wal', ''])
    if (existsSync(`${paths.warehouse}${end}`)) {
      // An old .wal must never stand beside a new file: DuckDB would play it into it.
      if (aside !== null) await rename(`${paths.warehouse}${end}`, `${aside}${end}`)
      else if (end === '.wal') rmSync(`${paths.warehouse}${end}`)
    }
  await rename(rebuiltFile(paths), paths.warehouse)
  await syncFolder(dirname(paths.warehouse))
  return aside === null ? null : basename(aside)
}

/** Whether there is no warehouse, or one that opens. */
async function canOpen(paths: DataPaths): Promise<boolean> {
  if (!existsSync(paths.warehouse)) return !existsSync(`${paths.warehouse}.wal`)
  try {
    using _warehouse = await openWarehouse({ file: paths.warehouse, scratch: paths.scratch })
    return true
  } catch (error) {
    if (error instanceof FdxError && error.code === 'LOAD_FAILED') return false
    throw error
  }
}

/** Warehouses that were set aside, or that a cut off replay has left: they hold people's data too. */
export function leftWarehouses(paths: DataPaths): string[] {
  const folder = dirname(paths.warehouse)
  const name = basename(paths.warehouse)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.damaged-`) || file.startsWith(`${name}.rebuilt`))
    .map((file) => join(folder, file))
}
