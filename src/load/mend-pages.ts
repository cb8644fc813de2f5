import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BatchTools, Without } from './batch.ts'
import { emptiedLine, type Mended, mendLine } from './mend.ts'
import { readFiles } from './read-files.ts'
import { type Segment, segmentLines } from './segments.ts'
import type { Warehouse } from './warehouse.ts'

/**
 * Pages that carry a mark, or that DuckDB could not read as they are, are mended in JavaScript and read
 * again; what is left then is kept as a reject, its page without content.
 */
export async function mendPages(
  segment: Segment,
  without: Without,
  tools: BatchTools,
): Promise<void> {
  const { warehouse } = tools
  const good = await takeGoodPages(warehouse, segment)
  if (good === undefined) return
  const mended: Mended[] = []
  let line = 0
  for (const bytes of segmentLines(segment)) {
    line += 1
    const page = mendLine(bytes, segment.entity)
    if (page === undefined) await reject(tools, null, `${segment.name}:${line}`, 'PAGE_UNREADABLE')
    else if (tools.purged.has(String(page.connection_id))) continue
    else if (without.has(page.page_id))
      mended.push({ ...page, line: emptiedLine(page.line, segment.entity), reason: 'PAGE_FAILED' })
    else if (!good.has(page.page_id)) mended.push(page)
  }
  await readLines(
    segment,
    mended.map((page) => page.line),
    tools,
  )
  const read = await pagesOf(warehouse, segment)
  const lost = mended.filter((page) => !read.has(page.page_id))
  await readLines(
    segment,
    lost.map((page) => emptiedLine(page.line, segment.entity)),
    tools,
  )
  for (const page of mended) {
    const reason = lost.includes(page) ? 'PAGE_UNREADABLE' : page.reason
    if (reason !== undefined) await reject(tools, page.page_id, page.page_id, reason)
  }
}

/** Sets aside what must be mended; returns the pages that need not, or undefined when none must. */
async function takeGoodPages(
  warehouse: Warehouse,
  segment: Segment,
): Promise<Set<string> | undefined> {
  const bad = 'segment = $1 and (page_id is null or len(marks) > 0 or list is null)'
  const [count] = await warehouse.rows(
    `select count(*)::integer as bad, (select count(*)::integer from arrived where segment = $1) as pages from arrived where ${bad}`,
    [segment.name],
  )
  if (Number(count?.['bad']) === 0 && Number(count?.['pages']) > 0) return undefined
  await warehouse.run(`delete from arrived where ${bad}`, [segment.name])
  return await pagesOf(warehouse, segment)
}

async function pagesOf(warehouse: Warehouse, segment: Segment): Promise<Set<string>> {
  await warehouse.run(
    'delete from arrived where segment = $1 and (page_id is null or list is null)',
    [segment.name],
  )
  const rows = await warehouse.rows('select page_id from arrived where segment = $1', [
    segment.name,
  ])
  return new Set(rows.map((row) => String(row['page_id'])))
}

async function readLines(
  segment: Segment,
  lines: readonly string[],
  tools: BatchTools,
): Promise<void> {
  if (lines.length === 0) return
  const file = join(tools.scratch, 'mended.ndjson')
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  await readFiles(tools.warehouse, segment.entity, [{ file, segment: segment.name }])
}

async function reject(
  tools: BatchTools,
  page: string | null,
  key: string,
  reason: string,
): Promise<void> {
  await tools.warehouse.run(
    `insert into rejected
     select p.provider, p.connection_id, $1, 'ops.pages', $2, 'body', $3, null, coalesce(try_cast(p.fetched_at as timestamptz), to_timestamp($4 / 1000))
     from (select 1) left join arrived as p on p.page_id = $1 limit 1`,
    [page, key, reason, tools.now()],
  )
}
