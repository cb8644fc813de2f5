import { createHash, type Hash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import type { Entity, UnhashedPage } from '../page/page.ts'
import { type Checkpoint, saveCheckpoint } from '../state/checkpoints.ts'
import { diskError } from '../state/disk.ts'
import { replaceFile, syncFolder } from '../state/durable-file.ts'
import { holdLock } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { manifestFile, openManifest } from './manifest.ts'
import { type Frame, openPacker } from './pack.ts'
import { recoverSegment, recoverSegments, writerLockFile } from './recover.ts'
import { openUnderWay } from './under-way.ts'

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
   * Pages become durable in the order in which they were given.
   * @throws FdxError `DISK_FULL`: this page is not kept, nothing before it is lost.
   */
  readonly land: LandInSegments
  /** Ends the open segments, so that a load can take them. Further pages go into new ones. */
  seal(): Promise<void>
}

export interface LandInSegments {
  (page: UnhashedPage, checkpoints?: Checkpoint | readonly Checkpoint[]): Promise<void>
  /** Resolves when few enough pages are on their way to the disk. */
  readonly room: () => Promise<void>
  /** How often pages have been lost on their way. */
  readonly losses: () => number
}

/**
 * What may be on its way to the disk while further pages are read: a kill loses that much, with the
 * requests in flight, and both are asked for again (with 8 in flight some 1 % of a run of 2,000 requests).
 */
const mostUnderWay = { pages: 10, bytes: 16 * 1024 * 1024 }

/** While a commit is being made pages wait for the next, so that small ones share a frame; so many bytes do not. */
const packAheadBytes = 1024 * 1024

interface Waiting {
  readonly page: UnhashedPage
  readonly checkpoints: readonly Checkpoint[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** Pages that were taken together, packed; `losses` as it stood when they were. */
interface Packed {
  readonly batch: readonly Waiting[]
  readonly frames: readonly Frame[]
  readonly losses: number
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
  /** Names of segments that are not written to any more, because only the state store knows how far they go. */
  const abandoned = new Set<string>()
  const pack = openPacker()
  const underWay = openUnderWay(mostUnderWay)
  /** Pages that nobody has begun with, and those that only have to be written. */
  const waiting: Waiting[] = []
  const packed: Packed[] = []
  let waitingBytes = 0
  /** Two chains of steps, one after the other in each: while one writes, the other packs. Neither rejects. */
  let packing: Promise<void> = Promise.resolve()
  let writing: Promise<void> = Promise.resolve()
  let isPackDue = false
  let isWriteDue = false
  let isWriting = false
  /** Counts failures: what was taken before one must not become durable after it. */
  let losses = 0
  let lastFailure: unknown
  let lastStamp = 0

  function land(
    page: UnhashedPage,
    checkpoints: Checkpoint | readonly Checkpoint[] = [],
  ): Promise<void> {
    const size = page.body.length
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const ended = underWay.begin(size)
    const done = () => {
      ended()
      resolve()
    }
    const failed = (error: unknown) => {
      ended()
      reject(error)
    }
    waiting.push({ page, checkpoints: [checkpoints].flat(), done, failed })
    waitingBytes += size
    if (!isWriting || waitingBytes >= packAheadBytes) packSoon()
    return promise
  }

  function packSoon(): void {
    if (isPackDue) return
    isPackDue = true
    packing = packing.then(async () => {
      isPackDue = false
      waitingBytes = 0
      const batch = waiting.splice(0)
      if (batch.length === 0) return
      const taken = losses
      try {
        packed.push({ batch, frames: await pack(batch.map(({ page }) => page)), losses: taken })
        writeSoon()
      } catch (error) {
        failAll(error, batch)
      }
    })
  }

  function writeSoon(): void {
    if (isWriteDue) return
    isWriteDue = true
    writing = writing.then(async () => {
      isWriteDue = false
      isWriting = true
      const taken = packed.splice(0)
      try {
        await commit(taken)
        for (const { batch } of taken) for (const item of batch) item.done()
      } catch (error) {
        failAll(error, ...taken.map(({ batch }) => batch))
      }
      isWriting = false
      if (waiting.length > 0) packSoon()
      for (const [entity, part] of parts)
        if (part.durableBytes >= maxBytes) await sealPart(entity, part).catch(keepForRecovery)
    })
  }

  /** What waits behind a failure fails with it: its checkpoints say that the pages before it are there. */
  function failAll(error: unknown, ...batches: readonly (readonly Waiting[])[]): void {
    losses++
    lastFailure = error
    waitingBytes = 0
    const behind = packed.splice(0).map(({ batch }) => batch)
    for (const item of [...batches, ...behind, waiting.splice(0)].flat())
      item.failed(diskError(error))
  }

  /** Appends the frames and makes them durable; then, and only then, the state that says so. */
  async function commit(taken: readonly Packed[]): Promise<void> {
    if (taken.some((one) => one.losses !== losses)) throw lastFailure
    const written = new Map<Part, { frames: Frame[]; bytes: number; pages: number }>()
    for (const frame of taken.flatMap(({ frames }) => frames)) {
      const part = parts.get(frame.entity) ?? (await newPart(frame.entity))
      const added = written.get(part) ?? { frames: [], bytes: 0, pages: 0 }
      await writeAt(part.handle, frame.bytes, part.durableBytes + added.bytes)
      added.frames.push(frame)
      added.bytes += frame.bytes.length
      added.pages += frame.pages.length
      written.set(part, added)
    }
    await Promise.all([...written.keys()].map((part) => part.handle.datasync()))
    const record = () => {
      for (const [part, { bytes, pages }] of written)
        saveSegment(state, part, part.durableBytes + bytes, part.pages + pages, 0)
      for (const item of taken.flatMap(({ batch }) => batch))
        for (const checkpoint of item.checkpoints) saveCheckpoint(state, checkpoint)
    }
    try {
      await state.durably(record)
    } catch (error) {
      // It may have been committed all the same: what the checkpoints speak of must not be overwritten.
      for (const part of written.keys()) await abandon(part)
      throw error
    }
    for (const [part, { frames, bytes, pages }] of written) {
      part.durableBytes += bytes
      part.pages += pages
      for (const frame of frames) {
        part.hash.update(frame.bytes)
        for (const page of frame.pages) part.manifest.add(page.envelope)
      }
    }
  }

  /** Ends a segment without a look at what it holds; pages that come go into another. */
  async function abandon({ name, handle }: Part): Promise<void> {
    parts.delete(name.slice(0, name.indexOf('/')) as Entity)
    abandoned.add(name)
    await handle.close().catch(keepForRecovery)
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
    packSoon()
    await packing
    const unsealed: unknown[] = []
    writing = writing.then(async () => {
      for (const [entity, part] of parts)
        await sealPart(entity, part).catch((error) => unsealed.push(error))
      for (const name of abandoned)
        await recoverSegment(paths, state, name).then(
          () => abandoned.delete(name),
          (error) => unsealed.push(error),
        )
    })
    await writing
    if (unsealed.length > 0) throw diskError(unsealed[0])
  }

  return {
    land: Object.assign(land, { room: underWay.room, losses: () => losses }),
    seal,
    async [Symbol.asyncDispose]() {
      try {
        // Whoever lost a page has been told why; a second failure of the same disk would hide it.
        await seal().catch((error: unknown) => {
          if (losses === 0) throw error
        })
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
