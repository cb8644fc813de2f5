import { existsSync, readdirSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { entities } from '../page/page.ts'
import { replaceFile, syncFolder } from '../state/durable-file.ts'
import { holdLock } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import { manifestFile, readManifest } from './manifest.ts'

/** Held by a writer of segments as long as it lives; its id is part of the names of its segments. */
export const writerLockFile = (paths: DataPaths, writer: string) =>
  join(paths.locks, `writer-${writer}.lock`)

const writerOf = (name: string) => /-([0-9a-f]{8})\.ndjson\.zst(\.part)?$/.exec(name)?.[1]

/**
 * Seals the segments of writers that have died: cuts each to the bytes that were acknowledged, so that what
 * was promised is there and a half-written end is not. Those of living writers are left alone.
 * @throws FdxError `SEGMENT_INVALID` when acknowledged bytes are missing.
 */
export async function recoverSegments(paths: DataPaths, state: State): Promise<void> {
  for (const writer of unfinished(paths, state)) {
    const lockFile = writerLockFile(paths, writer)
    let lock: Disposable
    try {
      lock = await holdLock(lockFile, { waitMs: 0 })
    } catch (error) {
      // Alive, or being recovered by somebody else at this moment.
      if (error instanceof FdxError && error.code === 'LOCK_TIMEOUT') continue
      throw error
    }
    using _held = lock
    for (const name of openNames(paths, state).filter((name) => writerOf(name) === writer))
      await recoverSegment(paths, state, name)
    rmSync(lockFile, { force: true })
  }
}

const unfinished = (paths: DataPaths, state: State): Set<string> =>
  new Set(openNames(paths, state).flatMap((name) => writerOf(name) ?? []))

/** Segments that are open by their files' names or by the state store, without `.part`. */
function openNames(paths: DataPaths, state: State): string[] {
  const rows = state.db.prepare('select name from segments where sealed = 0').all()
  const names = new Set(rows.map((row) => String(row['name'])))
  for (const entity of entities) {
    const folder = join(paths.segments, entity)
    for (const file of existsSync(folder) ? readdirSync(folder) : [])
      if (file.endsWith('.ndjson.zst.part'))
        names.add(`${entity}/${file.slice(0, -'.part'.length)}`)
  }
  return [...names].sort()
}

/**
 * Seals one segment that nobody writes any more, cut to the bytes that the state store has. One that it knows
 * nothing of is removed.
 * @throws FdxError `SEGMENT_INVALID` when acknowledged bytes are missing.
 */
export async function recoverSegment(paths: DataPaths, state: State, name: string): Promise<void> {
  const file = join(paths.segments, name)
  const row = state.db.prepare('select durable_bytes from segments where name = ?').get(name)
  const durableBytes = Number(row?.['durable_bytes'] ?? 0)
  const part = `${file}.part`
  if (existsSync(part)) {
    if (durableBytes === 0) return rmSync(part)
    await cut(part, durableBytes)
    const entity = entities.find((known) => name.startsWith(`${known}/`))
    if (entity === undefined) return
    const manifest = await readManifest(part, name, entity)
    await replaceFile(manifestFile(paths.segments, name), JSON.stringify(manifest))
    await rename(part, file)
    await syncFolder(dirname(file))
  } else if (!existsSync(file)) throw missing(name)
  state.db.prepare('update segments set sealed = 1 where name = ?').run(name)
}

async function cut(part: string, durableBytes: number): Promise<void> {
  await using handle = await open(part, 'r+')
  if ((await handle.stat()).size < durableBytes) throw missing(part)
  await handle.truncate(durableBytes)
  await handle.sync()
}

const missing = (name: string) =>
  new FdxError(
    'SEGMENT_INVALID',
    `segment ${name.slice(name.lastIndexOf('/') + 1)} has lost pages that were on disk; restore the data folder’s segments from a backup`,
  )
