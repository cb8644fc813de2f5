import { mkdirSync, rmSync } from 'node:fs'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { tombstones } from '../state/purges.ts'
import type { State } from '../state/state.ts'
import { prepareSession } from './batch.ts'
import { ahead, type Batch, batchesOf, type Group, isEmpty } from './batches.ts'
import { type CheckResult, runChecks } from './checks.ts'
import { loadBatch } from './load-batch.ts'
import { makeMarts, migrate } from './migrate.ts'
import { mirrorState } from './mirror.ts'
import { inFetchOrder } from './order.ts'
import { type Segment, sealedSegments } from './segments.ts'
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
  /** Bytes of pages in one batch: what one transaction takes, and memory must hold several times. Default 96 MiB. */
  readonly batchBytes?: number
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

/**
 * Brings the warehouse up to date: migrations, every sealed segment that is not in ops.segments (one
 * transaction a batch), the mirrors of the state store, marts and checks. Loading again changes nothing.
 * The caller holds the loader's lock (src/state/lock.ts).
 * @throws FdxError `WAREHOUSE_BUSY`, `MIGRATION_CHANGED`, `LOAD_FAILED`; `STOPPED` when the signal is aborted:
 * the batches before it are committed.
 */
export async function load(options: LoadOptions): Promise<LoadReport> {
  const { paths, now, batchBytes = 96 * 1024 * 1024 } = options
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
  const how = { batchBytes, purged: new Set(tombstones(options.state)), take: 'most' } as const
  const rejectsBefore = await count(warehouse, 'ops.rejects')
  const done = { pages: 0, segments: 0, of: 0 }
  async function loadWaiting(): Promise<void> {
    const all = await waitingSegments(warehouse, paths.segments)
    const waiting = all.filter(options.takes ?? (() => true))
    done.of += waiting.length
    for await (const batch of ahead(
      batchesOf(byEntity(waiting), { ...how, scratch: paths.scratch }),
    ))
      await loadOne(batch)
  }
  async function loadOne({ entity, segments, how, staged }: Batch): Promise<void> {
    if (options.signal?.aborted)
      throw new FdxError('STOPPED', 'stopped between two batches; load again to go on')
    for (const { name } of staged.damaged)
      await warehouse.run(sqlText('load/reject_segment.sql'), [name, now()])
    if (!isEmpty(staged)) {
      const pages = await loadBatch(staged, { warehouse, entity, segments, now: now(), how })
      done.pages += pages
      done.segments += staged.ended.length
      if (pages + staged.ended.length > 0) changed = true
      options.onProgress?.({ ...done })
    }
    rmSync(how.scratch, { recursive: true })
  }
  await loadWaiting()
  if (await reopenMisplaced(warehouse, paths.segments)) await loadWaiting()
  if (await settle(warehouse)) changed = true
  if (await mirrorState(warehouse, options.state, paths.scratch)) changed = true
  const checks = await runChecks(warehouse, changed, now())
  const rejects = await count(warehouse, 'ops.rejects')
  if (rejects > rejectsBefore) changed = true
  const tables = await tableCounts(warehouse)
  await warehouse.run('checkpoint lake')
  return {
    segments: done.segments,
    pages: done.pages,
    rejects,
    newRejects: rejects - rejectsBefore,
    changed,
    tables,
    checks,
  }
}

/** Neighbours of one entity together. */
function byEntity(waiting: readonly Segment[]): Group[] {
  const groups: Group[] = []
  for (const segment of waiting) {
    const last = groups.at(-1)
    if (last?.entity === segment.entity) last.segments.push(segment)
    else groups.push({ entity: segment.entity, segments: [segment] })
  }
  return groups
}

/** Takes back pages whose transactions belong in another table by now, so that they wait again; true when there are any. */
async function reopenMisplaced(warehouse: Warehouse, folder: string): Promise<boolean> {
  const suspects = await warehouse.rows(
    'select 1 from fdx.other_transactions semi join ops.unsettled using (provider, connection_id, account_id) limit 1',
  )
  if (suspects.length === 0) return false
  const names = sealedSegments(folder).map(({ name }) => name)
  await warehouse.run(sqlText('load/misplaced.sql'), [JSON.stringify(names)])
  if ((await warehouse.rows('select 1 from misplaced limit 1')).length === 0) return false
  await warehouse.transaction(() => warehouse.run(sqlText('load/forget_pages.sql')))
  return true
}

async function waitingSegments(warehouse: Warehouse, folder: string): Promise<Segment[]> {
  const loaded = await warehouse.rows('select name from ops.segments')
  const names = new Set(loaded.map((row) => row['name']))
  return inFetchOrder(sealedSegments(folder).filter((segment) => !names.has(segment.name)))
}

async function count(warehouse: Warehouse, table: 'ops.rejects'): Promise<number> {
  const [row] = await warehouse.rows(`select count(*)::integer as rows from ${table}`)
  return Number(row?.['rows'] ?? 0)
}

async function tableCounts(warehouse: Warehouse): Promise<Record<string, number>> {
  const rows = await warehouse.rows(sqlText('load/count_tables.sql'))
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['rows'])]))
}
