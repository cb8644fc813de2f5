import { createHash, type Hash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import type { DataPaths } from '../config/settings.ts'
import type { Entity, Page } from '../page/page.ts'
import { type Checkpoint, saveCheckpoint } from '../state/checkpoints.ts'
import { diskError } from '../state/disk.ts'
import { replaceFile, syncFolder } from '../state/durable-file.ts'
import { holdLock } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { linesOf } from './line.ts'
import { manifestFile, openManifest } from './manifest.ts'
import { recoverSegments, writerLockFile } from './recover.ts'

const compress = promisify(zstdCompress)

export interface SegmentsOptions {
  readonly paths: DataPaths
  readonly state: State
  readonly world: Pick<World, 'now' | 'bytes'>
  /** A segment that has grown to this many compressed bytes is sealed. Default 64 MiB. */
  readonly maxBytes?: number
}

export interface Segments extends AsyncDisposable {
  /**
   * Keeps a page. Resolves when it is durable, and with it, in the same moment, the checkpoints that say so.
   * @throws FdxError `DISK_FULL`: this page is not kept, nothing before it is lost.
   */
  land(page: Page, checkpoints?: Checkpoint | readonly Checkpoint[]): Promise<void>
  /** Ends the open segments, so that a load can take them. Further pages go into new ones. */
  seal(): Promise<void>
}

interface Waiting {
  readonly page: Page
  readonly checkpoints: readonly Checkpoint[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** A segment that is being written. */
interface Part {
  readonly name: string
  readonly file: string
  readonly handle: FileHandle
  readonly hash: Hash
  readonly manifest: ReturnType<typeof openManifest>
  readonly createdAt: string
  durableBytes: number
  pages: number
}

/**
 * Opens the writer of landed pages, after sealing what writers that died have left. Several processes may
 * have one each.
 */
export async function openSegments(options: SegmentsOptions): Promise<Segments> {
  const { paths, state, world } = options
  const maxBytes = options.maxBytes ?? 64 * 1024 * 1024
  const writer = world.bytes(4).toString('hex')
  const lockFile = writerLockFile(paths, writer)
  await mkdir(paths.segments, { recursive: true, mode: 0o700 })
  const lock = await holdLock(lockFile, { waitMs: 0 })
  try {
    await recoverSegments(paths, state)
  } catch (error) {
    lock[Symbol.dispose]()
    throw diskError(error)
  }

  const parts = new Map<Entity, Part>()
  const waiting: Waiting[] = []
  let isCommitDue = false
  /** All writing happens in this chain, one step after the other; it never rejects. */
  let work: Promise<void> = Promise.resolve()
  let lastStamp = 0

  function land(page: Page, checkpoints: Checkpoint | readonly Checkpoint[] = []): Promise<void> {
    return new Promise((done, failed) => {
      waiting.push({ page, checkpoints: [checkpoints].flat(), done, failed })
      commitSoon()
    })
  }

  /** What arrives while a commit is being made goes into the next: the busier, the larger. */
  function commitSoon(): Promise<void> {
    if (isCommitDue) return work
    isCommitDue = true
    work = work.then(() => {
      isCommitDue = false
      return commit(waiting.splice(0))
    })
    return work
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return
    try {
      const written: { part: Part; bytes: Buffer; pages: readonly Page[] }[] = []
      for (const [entity, pages] of Map.groupBy(
        batch.map((item) => item.page),
        (page) => page.envelope.entity,
      )) {
        const part = parts.get(entity) ?? (await newPart(entity))
        const bytes = await compress(linesOf(pages))
        await writeAt(part.handle, bytes, part.durableBytes)
        await part.handle.datasync()
        written.push({ part, bytes, pages })
      }
      state.transaction(() => {
        for (const { part, bytes, pages } of written)
          saveSegment(state, part, part.durableBytes + bytes.length, part.pages + pages.length, 0)
        for (const item of batch)
          for (const checkpoint of item.checkpoints) saveCheckpoint(state, checkpoint)
      })
      for (const { part, bytes, pages } of written) {
        part.durableBytes += bytes.length
        part.pages += pages.length
        part.hash.update(bytes)
        for (const page of pages) part.manifest.add(page.envelope)
      }
    } catch (error) {
      // What waits behind it must not become durable without it: its checkpoints say that it is there.
      for (const item of [...batch, ...waiting.splice(0)]) item.failed(diskError(error))
      return
    }
    for (const item of batch) item.done()
    for (const [entity, part] of parts)
      if (part.durableBytes >= maxBytes) await sealPart(entity, part).catch(keepForRecovery)
  }

  async function newPart(entity: Entity): Promise<Part> {
    const folder = join(paths.segments, entity)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    lastStamp = Math.max(world.now(), lastStamp + 1)
    const createdAt = new Date(lastStamp).toISOString()
    const name = `${entity}/${createdAt.replace(/[-:.]/g, '')}-${writer}.ndjson.zst`
    const file = join(paths.segments, name)
    const handle = await open(`${file}.part`, 'wx', 0o600)
    const part: Part = {
      name,
      file,
      handle,
      hash: createHash('sha256'),
      manifest: openManifest(entity),
      createdAt,
      durableBytes: 0,
      pages: 0,
    }
    parts.set(entity, part)
    await syncFolder(folder)
    return part
  }

  async function sealPart(entity: Entity, part: Part): Promise<void> {
    parts.delete(entity)
    const { handle, file, name } = part
    try {
      // A commit that failed half-way may have left bytes that nobody was promised.
      await handle.truncate(part.durableBytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (part.pages === 0) return rmSync(`${file}.part`, { force: true })
    const manifest = part.manifest.of(name, part.durableBytes, part.hash.digest('hex'))
    await replaceFile(manifestFile(paths.segments, name), JSON.stringify(manifest))
    await rename(`${file}.part`, file)
    await syncFolder(join(paths.segments, entity))
    saveSegment(state, part, part.durableBytes, part.pages, 1)
  }

  /** The pages are durable either way; what could not be sealed now, the next writer seals. */
  const keepForRecovery = () => undefined

  async function seal(): Promise<void> {
    const failures: unknown[] = []
    work = commitSoon().then(async () => {
      for (const [entity, part] of parts)
        await sealPart(entity, part).catch((error) => failures.push(error))
    })
    await work
    if (failures.length > 0) throw diskError(failures[0])
  }

  return {
    land,
    seal,
    async [Symbol.asyncDispose]() {
      try {
        await seal()
      } finally {
        rmSync(lockFile, { force: true })
        lock[Symbol.dispose]()
      }
    },
  }
}

/** `write` may take less than it was given, on a disk that is almost full. */
async function writeAt(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

function saveSegment(
  state: State,
  part: Pick<Part, 'name' | 'createdAt'>,
  durableBytes: number,
  pages: number,
  sealed: 0 | 1,
): void {
  state.db
    .prepare(
      `insert or replace into segments (name, entity, durable_bytes, pages, sealed, created_at)
       values (?, ?, ?, ?, ?, ?)`,
    )
    .run(
      part.name,
      part.name.slice(0, part.name.indexOf('/')),
      durableBytes,
      pages,
      sealed,
      part.createdAt,
    )
}
