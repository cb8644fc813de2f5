import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { qualifiedName, tables } from './fields/tables.ts'
import type { Entity } from '../land/page.ts'
import { emptiedLine, type Mended, mendLine } from './mend.ts'
import { type Segment, segmentLines } from './segments.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

export interface BatchOptions {
  readonly warehouse: Warehouse
  readonly scratch: string
  readonly now: () => number
  /** Pages that DuckDB itself fails on: they are kept as rejects and nothing of them is loaded. */
  readonly without?: ReadonlySet<string>
}

/** Prepares a session: macros, and the views that say what the tables hold. */
export async function prepareSession(warehouse: Warehouse): Promise<void> {
  await warehouse.run(sqlText('load/macros.sql'))
  await warehouse.run(sqlText('load/kinds.sql'))
}

/** Loads segments of one entity; the caller holds a transaction. Returns the number of pages. */
export async function loadSegments(segments: readonly Segment[], options: BatchOptions): Promise<number> {
  const { warehouse } = options
  const entity = segments[0]?.entity
  if (entity === undefined) return 0
  await warehouse.run(sqlText('load/stage.sql'))
  const without = options.without ?? new Set<string>()
  const whole = segments.map((segment) => ({ file: segment.file, segment: segment.name }))
  if (without.size === 0) await readFiles(warehouse, entity, whole)
  for (const segment of segments) await mendPages(segment, without, options)
  await warehouse.run(sqlText('load/slices.sql'))
  const slices = await warehouse.rows('select distinct slice from slices order by slice')
  for (const { slice } of slices) await loadSlice(warehouse, entity, Number(slice))
  await warehouse.run(sqlText('load/keep.sql'))
  const counts = await warehouse.rows(
    'select segment, count(*)::integer as pages from arrived group by segment',
  )
  const pages = new Map(counts.map((row) => [row['segment'], Number(row['pages'])]))
  for (const segment of segments)
    await warehouse.run('insert into ops.segments values ($1, $2, $3, $4, to_timestamp($5 / 1000))', [
      segment.name, entity, pages.get(segment.name) ?? 0, segment.bytes, options.now(),
    ])
  return [...pages.values()].reduce((sum, count) => sum + count, 0)
}

async function loadSlice(warehouse: Warehouse, entity: Entity, slice: number): Promise<void> {
  await warehouse.run('set variable slice = $1', [slice])
  for (const step of ['slice', `stage_${entity}`, ...(found.has(entity) ? ['stage_found'] : []), 'choose', 'forget_lists'])
    await warehouse.run(sqlText(`load/${step}.sql`))
  await loadTables(warehouse)
  await warehouse.run(sqlText('load/history.sql'))
}

/** Pages that hold FDX transactions, listed or inside accounts. */
const found: ReadonlySet<Entity> = new Set(['fdx.accounts', 'fdx.transactions'])

/** Runs the files of the tables that have something to do; a table's lists are staged by its own file. */
async function loadTables(warehouse: Warehouse): Promise<void> {
  for (const table of tables) {
    const name = qualifiedName(table)
    const [work] = await warehouse.rows(
      `select 1 as one where exists (from accepted where table_name = $1) or exists (from added where table_name = $1) or exists (from replaced where table_name = $1)
         or exists (from older where table_name = $1) or exists (from touched where table_name = $1) or exists (from dropped where table_name = $1)`,
      [name],
    )
    if (work !== undefined) await warehouse.run(sqlText(`load/tables/${name}.sql`))
  }
}

async function readFiles(
  warehouse: Warehouse,
  entity: Segment['entity'],
  files: readonly { file: string; segment: string }[],
): Promise<void> {
  await warehouse.run(
    `create or replace temp table source as select unnest(from_json($1::json, '[{"file":"VARCHAR","segment":"VARCHAR"}]'), recursive := true)`,
    [JSON.stringify(files)],
  )
  await warehouse.run('set variable files = (select list(file) from source)')
  await warehouse.run(sqlText(`load/read_${entity}.sql`))
}

/**
 * Pages that carry a mark, or that DuckDB could not read as they are, are mended in JavaScript and read
 * again; what is left then is kept as a reject, its page without content.
 */
async function mendPages(
  segment: Segment,
  without: ReadonlySet<string>,
  options: BatchOptions,
): Promise<void> {
  const { warehouse } = options
  const good = await takeGoodPages(warehouse, segment)
  if (good !== undefined) {
    const mended: Mended[] = []
    let line = 0
    for (const bytes of segmentLines(segment)) {
      line += 1
      const page = mendLine(bytes, segment.entity)
      if (page === undefined)
        await reject(options, null, `${segment.name}:${line}`, 'PAGE_UNREADABLE')
      else if (!good.has(page.page_id))
        mended.push(without.has(page.page_id) ? { ...page, line: emptiedLine(page.line, segment.entity) } : page)
    }
    await readMended(segment, mended.map((page) => page.line), options)
    const read = await pagesOf(warehouse, segment)
    const lost = mended.filter((page) => !read.has(page.page_id))
    await readMended(segment, lost.map((page) => emptiedLine(page.line, segment.entity)), options)
    for (const page of mended) {
      const reason = without.has(page.page_id) ? 'PAGE_FAILED' : lost.includes(page) ? 'PAGE_UNREADABLE' : page.reason
      if (reason !== undefined) await reject(options, page.page_id, page.page_id, reason)
    }
  }
}

/** Sets aside what must be mended; returns the pages that need not, or undefined when none must. */
async function takeGoodPages(warehouse: Warehouse, segment: Segment): Promise<Set<string> | undefined> {
  const bad = 'segment = $1 and (page_id is null or len(marks) > 0 or list is null)'
  const [count] = await warehouse.rows(
    `select count(*)::integer as bad, (select count(*)::integer from arrived where segment = $1) as pages from arrived where ${bad}`,
    [segment.name],
  )
  if (Number(count?.['bad']) === 0 && Number(count?.['pages']) > 0) return undefined
  await warehouse.run(`delete from arrived where ${bad}`, [segment.name])
  return pagesOf(warehouse, segment)
}

async function pagesOf(warehouse: Warehouse, segment: Segment): Promise<Set<string>> {
  await warehouse.run('delete from arrived where page_id is null or list is null')
  const rows = await warehouse.rows('select page_id from arrived where segment = $1', [segment.name])
  return new Set(rows.map((row) => String(row['page_id'])))
}

async function readMended(segment: Segment, lines: readonly string[], options: BatchOptions): Promise<void> {
  if (lines.length === 0) return
  const file = join(options.scratch, 'mended.ndjson')
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  await readFiles(options.warehouse, segment.entity, [{ file, segment: segment.name }])
}

async function reject(options: BatchOptions, page: string | null, key: string, reason: string): Promise<void> {
  await options.warehouse.run(
    `insert into rejected select p.provider, p.connection_id, $1, 'ops.pages', $2, 'body', $3, null, coalesce(p.fetched_at::timestamptz, to_timestamp($4 / 1000))
     from (select 1) left join arrived as p on p.page_id = $1 limit 1`,
    [page, key, reason, options.now()],
  )
}
