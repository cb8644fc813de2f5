import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { type Entity, entities } from '../page/page.ts'
import { replaceFile, syncFolder } from '../state/durable-file.ts'
import type { State } from '../state/state.ts'
import { openCompressor } from './compress.ts'
import { contents } from './frames.ts'
import { envelopesOf } from './line.ts'
import { type Manifest, manifestFile, openManifest } from './manifest.ts'

/**
 * Erases every landed page of a connection: each sealed segment that holds one is written anew without it,
 * under its old name, so that the loader does not take it for a new one. Doing it again erases nothing more.
 * @param note is told how many pages a segment loses, before it loses them.
 */
export async function eraseFromSegments(
  paths: DataPaths,
  state: State,
  connectionId: string,
  note: (segment: string, pages: number) => void = () => {},
): Promise<void> {
  for (const name of await segmentsOf(paths, connectionId))
    await rewrite(paths, state, name, connectionId, note)
}

/** Names of the sealed segments that hold pages of the connection. */
export async function segmentsOf(paths: DataPaths, connectionId: string): Promise<string[]> {
  const found = []
  for (const entity of entities)
    for (const name of sealedNames(paths, entity)) {
      const manifest = await manifestOf(paths, name)
      if (manifest === undefined || manifest.connections[connectionId] !== undefined)
        found.push(name)
    }
  return found
}

/** Whether a writer that is still at work may hold pages that were landed before `at` (ISO 8601). */
export const hasOpenSegments = (state: State, at: string): boolean =>
  state.db.prepare('select 1 from segments where sealed = 0 and created_at <= ?').get(at) !==
  undefined

function sealedNames(paths: DataPaths, entity: Entity): string[] {
  const folder = join(paths.segments, entity)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ndjson.zst'))
    .map((file) => `${entity}/${file}`)
}

/** A manifest that is missing or unreadable says nothing: then the segment itself is read. */
async function manifestOf(paths: DataPaths, name: string): Promise<Manifest | undefined> {
  try {
    return JSON.parse(await readFile(manifestFile(paths.segments, name), 'utf8')) as Manifest
  } catch {
    return undefined
  }
}

/** Writes the segment without the connection’s pages. */
async function rewrite(
  paths: DataPaths,
  state: State,
  name: string,
  connectionId: string,
  note: (segment: string, pages: number) => void,
): Promise<void> {
  const file = join(paths.segments, name)
  const temporary = `${file}.erasing`
  const manifest = openManifest(dirname(name) as Entity)
  const compressed = openCompressor()
  const hash = createHash('sha256')
  let erased = 0
  let bytes = 0
  {
    await using handle = await open(temporary, 'w', 0o600)
    for (const frame of contents(await readFile(file))) {
      const kept: Buffer[] = []
      let start = 0
      for (const envelope of envelopesOf(frame)) {
        const end = frame.indexOf(0x0a, start) + 1
        if (envelope.connection_id === connectionId) erased += 1
        else {
          kept.push(frame.subarray(start, end))
          manifest.add(envelope)
        }
        start = end
      }
      if (kept.length === 0) continue
      const packed = await compressed(Buffer.concat(kept))
      await handle.writeFile(packed)
      hash.update(packed)
      bytes += packed.length
    }
    await handle.sync()
  }
  note(name, erased)
  const left = manifest.of(name, bytes, hash.digest('hex'))
  await rename(temporary, file)
  await syncFolder(dirname(file))
  await replaceFile(manifestFile(paths.segments, name), JSON.stringify(left))
  if (left.pages === 0) {
    await unlink(file)
    await unlink(manifestFile(paths.segments, name))
    await syncFolder(dirname(file))
  }
  state.db
    .prepare('update segments set pages = ?, durable_bytes = ? where name = ?')
    .run(left.pages, bytes, name)
}
