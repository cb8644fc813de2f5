import { createHash } from 'node:crypto'
import { constants, existsSync, readdirSync, rmSync } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { diskError } from '../state/disk.ts'
import { isCode, replaceFile, syncFolder } from '../state/durable-file.ts'
import {
  currentFile,
  currentName,
  generationFile,
  generationNames,
  leaseFile,
  type Role,
  stampFile,
} from './generation-files.ts'
import { removeGeneration, removeUnread } from './lease.ts'
import { type MaskOptions, writeMasked } from './mask.ts'

export { currentFile } from './generation-files.ts'

export interface PublishOptions {
  /** How many generations stay, the new one included. Default 3. */
  readonly keep?: number
  /** Whether the analyst’s file is written too. Default true; without it that role can read nothing. */
  readonly masked?: boolean
  /** Older generations go even while somebody reads them: for a purge. */
  readonly evict?: boolean
}

export interface Published {
  /** Name of the new generation. */
  readonly generation: string
  /** What it cost. Milliseconds. */
  readonly copyMs: number
  readonly maskMs: number
}

/**
 * Makes the warehouse readable to others: a copy under a new name (a reflink where the file system can), its
 * masked twin, both durable, then `CURRENT` by rename. A failure, a full disk or a kill leaves the generation
 * before it current. Older generations are removed when nobody reads them any more. Call it after the load has
 * closed the warehouse: DuckDB's lock is an fcntl lock, and closing any handle on the file while it is open in
 * this process would drop it (facts/sql-endpoint.md 5). The caller holds the loader’s lock.
 * @throws FdxError `WAREHOUSE_MISSING` before the first load, `WAREHOUSE_BUSY` while a `.wal` exists: a copy
 * would miss what is in it; `DISK_FULL`.
 */
export async function publish(paths: DataPaths, options: PublishOptions = {}): Promise<Published> {
  if (!existsSync(paths.warehouse))
    throw new FdxError(
      'WAREHOUSE_MISSING',
      'there is no warehouse to publish yet; run fdx run, or npm start, first',
    )
  if (existsSync(`${paths.warehouse}.wal`))
    throw new FdxError(
      'WAREHOUSE_BUSY',
      'the warehouse is open, or a load was cut off; load again, then publish',
    )
  await mkdir(paths.generations, { recursive: true, mode: 0o700 })
  sweepParts(paths)
  const keep = Math.max(1, options.keep ?? 3)
  await removeOld(paths, keep, false) // room for the new one
  const newest = (await generationNames(paths)).at(-1)
  const number = Number(newest?.match(/\d+/)?.[0] ?? 0) + 1
  const generation = `${String(number).padStart(8, '0')}.duckdb`
  try {
    const base = options.evict ? undefined : await maskedBase(paths)
    const cost = await writeGeneration(paths, generation, options.masked ?? true, base)
    await replaceFile(currentFile(paths), `${generation}\n`)
    await removeOld(paths, keep, options.evict ?? false)
    return { generation, ...cost }
  } catch (error) {
    sweepParts(paths)
    throw publishError(error)
  }
}

/**
 * Whether the current generation is a copy of the warehouse as it is now: nothing to publish, unless a load was
 * killed before it could.
 */
export async function isPublished(paths: DataPaths, masked = true): Promise<boolean> {
  try {
    const current = await currentName(paths)
    const stamp = await readStamp(paths, current)
    return (
      stamp.warehouse === (await warehouseStamp(paths.warehouse)) &&
      (!masked || existsSync(generationFile(paths, current, 'analyst')))
    )
  } catch (error) {
    if (error instanceof FdxError || isCode(error, 'ENOENT')) return false
    throw error
  }
}

interface Stamp {
  /** Headers of the warehouse that was copied. */
  readonly warehouse: string
  /** Rules that made the masked file; empty where there is none. */
  readonly rules: string
}

const readStamp = async (paths: DataPaths, generation: string) =>
  JSON.parse(await readFile(stampFile(paths, generation), 'utf8')) as Stamp

/** The masked file of the current generation: the next one is written as a difference to it. */
async function maskedBase(paths: DataPaths) {
  try {
    const current = await currentName(paths)
    const file = generationFile(paths, current, 'analyst')
    const { rules } = await readStamp(paths, current)
    return existsSync(file) ? { file, rules } : undefined
  } catch {
    return undefined // the first one, or one from before this was kept: written whole
  }
}

/** SHA-256 of the headers of a DuckDB file: one of them counts the checkpoints. */
async function warehouseStamp(file: string): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headerBytes), 0, headerBytes, 0)
    return createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex')
  } finally {
    await handle.close()
  }
}

/** The main header and two database headers, 4 KiB each. */
const headerBytes = 3 * 4096

async function writeGeneration(
  paths: DataPaths,
  generation: string,
  masked: boolean,
  base: MaskOptions['base'],
) {
  const warehouse = await warehouseStamp(paths.warehouse)
  const part = (role: Role) => `${generationFile(paths, generation, role)}.part`
  const began = performance.now()
  await copyFile(paths.warehouse, part('owner'), constants.COPYFILE_FICLONE)
  await syncFile(part('owner'))
  const copied = performance.now()
  const rules = masked
    ? await writeMasked(part('owner'), part('analyst'), { scratch: paths.scratch, base })
    : ''
  if (masked) await syncFile(part('analyst'))
  const ended = performance.now()
  const stamp: Stamp = { warehouse, rules }
  await writeFile(stampFile(paths, generation), JSON.stringify(stamp), { flush: true })
  await writeFile(leaseFile(paths, generation), '', { flush: true })
  if (masked) await rename(part('analyst'), generationFile(paths, generation, 'analyst'))
  await rename(part('owner'), generationFile(paths, generation, 'owner'))
  await syncFolder(paths.generations) // CURRENT must never name a file that a power cut takes back
  return { copyMs: Math.round(copied - began), maskMs: Math.round(ended - copied) }
}

/** Removes generations beyond `keep`, oldest first, but never the current one, nor, unless told to, one that is read. */
async function removeOld(paths: DataPaths, keep: number, evict: boolean): Promise<void> {
  const current = await currentName(paths).catch(() => undefined)
  const others = (await generationNames(paths)).filter((name) => name !== current)
  const kept = current === undefined ? keep : keep - 1
  for (const name of others.slice(0, Math.max(0, others.length - kept)))
    if (evict) removeGeneration(paths, name)
    else removeUnread(paths, name)
}

/** What a killed or failed publish, or removal, has left; no reader opens it. */
function sweepParts(paths: DataPaths): void {
  const names = readdirSync(paths.generations)
  const whole = new Set(names.filter((name) => /^\d+\.duckdb$/.test(name)).map(numberOf))
  for (const name of names)
    if (name.includes('.part') || (/^\d+\./.test(name) && !whole.has(numberOf(name))))
      rmSync(join(paths.generations, name), { force: true })
}

const numberOf = (name: string) => name.slice(0, name.indexOf('.'))

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function publishError(error: unknown): unknown {
  const full = error instanceof Error && /no space left|disk quota/i.test(error.message)
  if (!full) return diskError(error)
  return new FdxError(
    'DISK_FULL',
    'no room to publish: readers keep the generation before; free some and run again',
    { cause: error },
  )
}
