import { FdxError } from '../errors.ts'
import { loadPages } from './batch.ts'
import type { LoadedEntity } from './loaded.ts'
import type { Segment } from './segments.ts'
import { landedLines, type StagedPages, type StageOptions, stagePages } from './stage-pages.ts'
import type { Warehouse } from './warehouse.ts'

export interface BatchTools {
  readonly warehouse: Warehouse
  readonly entity: LoadedEntity
  /** Where the pages of the batch can be read again. */
  readonly segments: readonly Segment[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How the batch was staged. */
  readonly how: StageOptions
}

/**
 * Loads one batch. When DuckDB fails on it (a page that it can't read, or not enough memory), it is loaded by
 * halves, down to the page that is to blame; that one is mended, and if it still fails kept as a reject.
 * Returns the number of pages that were not loaded before.
 * @throws FdxError `DISK_FULL`, `LOAD_FAILED`
 */
export async function loadBatch(staged: StagedPages, tools: BatchTools): Promise<number> {
  const { warehouse, entity, now, how } = tools
  try {
    return await loadPages(warehouse, entity, staged, now)
  } catch (error) {
    const isSmallest = staged.ids.length === 0 || (staged.ids.length === 1 && how.take === 'empty')
    if (isOutside(error) || isSmallest) throw failed(error)
  }
  const pages = await loadInParts(staged.ids, tools)
  const lost = staged.lost.filter(({ page }) => page === null)
  const rest = { ...(await stagePages([].values(), how)), lost, ended: staged.ended }
  if (lost.length + staged.ended.length > 0) await loadPages(warehouse, entity, rest, now)
  return pages
}

async function loadInParts(ids: readonly string[], tools: BatchTools): Promise<number> {
  let pages = 0
  const half = Math.ceil(ids.length / 2)
  const parts = half < ids.length ? [ids.slice(0, half), ids.slice(half)] : [ids]
  const next = tools.how.take === 'most' ? 'mended' : 'empty'
  const take = parts.length > 1 ? tools.how.take : next
  for (const part of parts) {
    const how = { ...tools.how, only: new Set(part), take, batchBytes: Number.POSITIVE_INFINITY }
    const staged = await stagePages(landedLines(tools.segments), how)
    pages += await loadBatch({ ...staged, ended: [] }, { ...tools, how })
  }
  return pages
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
