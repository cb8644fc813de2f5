import { mkdirSync, rmSync } from 'node:fs'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { tombstones } from '../state/purges.ts'
import type { State } from '../state/state.ts'
import { type BatchTools, failsOn, loadSegments, prepareSession } from './batch.ts'
import { type CheckResult, runChecks } from './checks.ts'
import { mendLine } from './mend.ts'
import { makeMarts, migrate } from './migrate.ts'
import { mirrorState } from './mirror.ts'
import { inFetchOrder } from './order.ts'
import { isDamaged, type Segment, sealedSegments, segmentLines } from './segments.ts'
import { settle } from './settle.ts'
import type { Warehouse } from './warehouse.ts'
import { openWarehouse, sqlText } from './warehouse.ts'

export interface LoadOptions {
  readonly paths: DataPaths
  readonly state: State
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly signal?: AbortSignal
  /** Which segments to load. Default: all that wait. */
  readonly takes?: (segment: Segment) => boolean
  readonly onProgress?: (done: { segments: number; pages: number; of: number }) => void
}

export interface LoadReport {
  /** Segments and pages that this load took. */
  readonly segments: number
  readonly pages: number
  /** Rows of ops.rejects now, and how many of them are new. */
  readonly rejects: number
  readonly newRejects: number
  /** Something in the warehouse is different from before: publish it. */
  readonly changed: boolean
  /** Rows of every table in `fdx` and `flinks`, by its full name. */
  readonly tables: Readonly<Record<string, number>>
  readonly checks: readonly CheckResult[]
}

/** Compressed bytes in one batch: about 100 MB of pages, which fits the memory limit several times. */
const batchBytes = 8 * 1024 * 1024
const batchSegments = 200
/** As much as fits the memory limit comfortably; a batch that failed is tried again in smaller slices. */
const sliceBytes = 32 * 1024 * 1024
const carefulSliceBytes = 4 * 1024 * 1024

/**
 * Brings the warehouse up to date: migrations, every sealed segment that is not in ops.segments (one
 * transaction a batch), the mirrors of the state store, marts and checks. Loading again changes nothing.
 * The caller holds the loader's lock (src/state/lock.ts).
 * @throws FdxError `WAREHOUSE_BUSY`, `MIGRATION_CHANGED`, `LOAD_FAILED`; `STOPPED` when the signal is aborted:
 * the batches before it are committed.
 */
export async function load(options: LoadOptions): Promise<LoadReport> {
  const { paths, now } = options
  rmSync(paths.scratch, { recursive: true, force: true })
  mkdirSync(paths.scratch, { recursive: true, mode: 0o700 })
  using _emptied = {
    [Symbol.dispose]: () => rmSync(paths.scratch, { recursive: true, force: true }),
  }
  using warehouse = await openWarehouse({
    file: paths.warehouse,
    scratch: paths.scratch,
    signal: options.signal,
  })
  let changed = await migrate(warehouse)
  if (await makeMarts(warehouse)) changed = true
  await prepareSession(warehouse, options.state)
  const purged = new Set(tombstones(options.state))
  const rejectsBefore = await count(warehouse, 'ops.rejects')
  const waiting = (await waitingSegments(warehouse, paths.segments)).filter(
    options.takes ?? (() => true),
  )
  let pages = 0
  let segments = 0
  for (const batch of batches(waiting)) {
    if (options.signal?.aborted)
      throw new FdxError('STOPPED', 'stopped between two batches; load again to go on')
    const loaded = await loadBatch(batch, {
      warehouse,
      scratch: paths.scratch,
      now,
      purged,
      sliceBytes,
    })
    pages += loaded.pages
    segments += loaded.segments
    if (loaded.segments > 0) changed = true
    options.onProgress?.({ segments, pages, of: waiting.length })
  }
  if (await settle(warehouse)) changed = true
  if (await mirrorState(warehouse, options.state, paths.scratch)) changed = true
  const checks = await runChecks(warehouse, changed, now())
  const rejects = await count(warehouse, 'ops.rejects')
  if (rejects > rejectsBefore) changed = true
  const tables = await tableCounts(warehouse)
  await warehouse.run('checkpoint lake')
  return { segments, pages, rejects, newRejects: rejects - rejectsBefore, changed, tables, checks }
}

async function waitingSegments(warehouse: Warehouse, folder: string): Promise<Segment[]> {
  const loaded = await warehouse.rows('select name from ops.segments')
  const names = new Set(loaded.map((row) => row['name']))
  return inFetchOrder(sealedSegments(folder).filter((segment) => !names.has(segment.name)))
}

function batches(segments: readonly Segment[]): Segment[][] {
  const all: Segment[][] = []
  let bytes = 0
  for (const segment of segments) {
    const last = all.at(-1)
    const fits =
      last !== undefined &&
      last[0]?.entity === segment.entity &&
      last.length < batchSegments &&
      bytes + segment.bytes <= batchBytes
    if (fits) last.push(segment)
    else all.push([segment])
    bytes = fits ? bytes + segment.bytes : segment.bytes
  }
  return all
}

interface Loaded {
  readonly segments: number
  readonly pages: number
}

/** One batch. When it fails, its segments are loaded one by one, but for those whose bytes are damaged. */
async function loadBatch(batch: readonly Segment[], tools: BatchTools): Promise<Loaded> {
  try {
    return { segments: batch.length, pages: await loadSegments(batch, tools) }
  } catch (error) {
    if (isOutside(error) && !batch.some(isDamaged)) throw failed(error)
  }
  const sum = { segments: 0, pages: 0 }
  for (const segment of batch) {
    if (isDamaged(segment))
      await tools.warehouse.run(sqlText('load/reject_segment.sql'), [segment.name, tools.now()])
    else {
      sum.pages += await loadSegment(segment, { ...tools, sliceBytes: carefulSliceBytes })
      sum.segments += 1
    }
  }
  return sum
}

/** One segment. When DuckDB fails on it, the pages that it fails on are found and left out. */
async function loadSegment(segment: Segment, tools: BatchTools): Promise<number> {
  try {
    return await loadSegments([segment], tools)
  } catch (error) {
    if (isOutside(error)) throw failed(error)
  }
  try {
    return await loadSegments([segment], tools, await failingPages(segment, tools))
  } catch (error) {
    throw failed(error)
  }
}

/** The pages that DuckDB fails on by themselves, found by halves; every attempt is rolled back. */
async function failingPages(segment: Segment, tools: BatchTools): Promise<Set<string>> {
  const ids = [...segmentLines(segment)].flatMap((line) => {
    const page = mendLine(line, segment.entity)
    return page === undefined ? [] : [page.page_id]
  })
  const find = async (some: readonly string[]): Promise<string[]> => {
    const wanted = new Set(some)
    const failure = await failsOn(segment, tools, new Set(ids.filter((id) => !wanted.has(id))))
    if (failure === undefined) return []
    if (isOutside(failure)) throw failed(failure)
    return some.length === 1 ? [...some] : await findInHalves(some)
  }
  const findInHalves = async (some: readonly string[]): Promise<string[]> => {
    const half = Math.ceil(some.length / 2)
    const failing: string[] = []
    for (const part of [some.slice(0, half), some.slice(half)])
      if (part.length > 0) failing.push(...(await find(part)))
    return failing
  }
  return new Set(await findInHalves(ids))
}

/** Failures of the machine, or of our own SQL: no page is to blame for them. */
const isOutside = (error: unknown) =>
  error instanceof FdxError ||
  (error instanceof Error &&
    /no space left|IO Error|FATAL|INTERRUPT|(Binder|Parser|Catalog) Error/i.test(error.message))

function failed(error: unknown): FdxError {
  if (error instanceof FdxError) return error
  const full = error instanceof Error && /no space left|disk.*full/i.test(error.message)
  return full
    ? new FdxError(
        'DISK_FULL',
        'no room left for the warehouse; free some and load again: nothing is lost',
        { cause: error },
      )
    : new FdxError(
        'LOAD_FAILED',
        'DuckDB could not load a batch; its segments stay for the next load',
        { cause: error },
      )
}

async function count(warehouse: Warehouse, table: 'ops.rejects'): Promise<number> {
  const [row] = await warehouse.rows(`select count(*)::integer as rows from ${table}`)
  return Number(row?.['rows'] ?? 0)
}

async function tableCounts(warehouse: Warehouse): Promise<Record<string, number>> {
  const rows = await warehouse.rows(sqlText('load/count_tables.sql'))
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['rows'])]))
}
