import { mergedInto } from '../state/merges.ts'
import { tombstones } from '../state/purges.ts'
import type { State } from '../state/state.ts'
import { qualifiedName, tables } from './fields/tables.ts'
import { type Part, wholeRows } from './generate-load.ts'
import type { LoadedEntity } from './loaded.ts'
import { mendPages } from './mend-pages.ts'
import { readFiles } from './read-files.ts'
import type { Segment } from './segments.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

export interface BatchTools {
  readonly warehouse: Warehouse
  readonly scratch: string
  readonly now: () => number
  /** Bytes of pages in one slice: what one transaction takes, and memory must hold many times. */
  readonly sliceBytes: number
  /** Connections that were purged: nothing of their pages is kept, not even as a reject. */
  readonly purged: ReadonlySet<string>
}

/** Pages that DuckDB itself fails on: they are kept as rejects, and nothing of them is loaded. */
export type Without = ReadonlySet<string>

/**
 * Prepares a session: macros, the views that say what the tables hold, and the connections whose pages are
 * not read because they were purged, or are read as those of the connection they were merged into.
 */
export async function prepareSession(warehouse: Warehouse, state: State): Promise<void> {
  await warehouse.run(
    `create or replace temp table purged as select unnest(from_json($1::json, '["VARCHAR"]')) as connection_id`,
    [JSON.stringify(tombstones(state))],
  )
  await warehouse.run(
    `create or replace temp table merged as
     select unnest(from_json($1::json, '[{"from_id":"VARCHAR","into_id":"VARCHAR"}]'), recursive := true)`,
    [JSON.stringify([...mergedInto(state)].map(([from_id, into_id]) => ({ from_id, into_id })))],
  )
  await warehouse.run(sqlText('load/macros.sql'))
  await warehouse.run(sqlText('load/kinds.sql'))
}

/** Loads segments of one entity, and writes them to ops.segments with the last of their pages. Returns the number of pages. */
export async function loadSegments(
  segments: readonly Segment[],
  tools: BatchTools,
  without: Without = new Set(),
): Promise<number> {
  const { warehouse } = tools
  const entity = segments[0]?.entity
  if (entity === undefined) return 0
  const slices = await readPages(entity, segments, tools, without)
  const names = segments.map((segment) => segment.name)
  const counts = await warehouse.rows(
    'select segment, count(*)::integer as pages from arrived group by segment',
  )
  const pages = new Map(counts.map((row) => [row['segment'], Number(row['pages'])]))
  const written = async () => {
    for (const segment of segments)
      await warehouse.run(
        'insert into ops.segments select $1, $2, (select count(*) from ops.pages where segment = $1), $3, to_timestamp($4 / 1000)',
        [segment.name, entity, segment.bytes, tools.now()],
      )
  }
  for (const [at, slice] of slices.entries()) {
    await stageSlice(warehouse, entity, slice)
    await warehouse.transaction(async () => {
      await loadSlice(warehouse)
      if (at === slices.length - 1) await written()
    })
  }
  return names.reduce((sum, name) => sum + (pages.get(name) ?? 0), 0)
}

/** Whether DuckDB fails on the segment without some of its pages. Leaves nothing behind. */
export async function failsOn(
  segment: Segment,
  tools: BatchTools,
  without: Without,
): Promise<unknown> {
  const undo = new Error('rolled back on purpose')
  try {
    for (const slice of await readPages(segment.entity, [segment], tools, without)) {
      await stageSlice(tools.warehouse, segment.entity, slice)
      await tools.warehouse
        .transaction(async () => {
          await loadSlice(tools.warehouse)
          throw undo
        })
        .catch((error: unknown) => {
          if (error !== undo) throw error
        })
    }
    return undefined
  } catch (error) {
    return error
  }
}

/** Stages the pages that are not loaded yet; returns the slices to load them in, one at least. */
async function readPages(
  entity: LoadedEntity,
  segments: readonly Segment[],
  tools: BatchTools,
  without: Without,
): Promise<number[]> {
  const { warehouse } = tools
  await warehouse.run(sqlText('load/stage.sql'))
  if (without.size === 0)
    await readFiles(
      warehouse,
      entity,
      segments.map((segment) => ({ file: segment.file, segment: segment.name })),
    )
  for (const segment of segments) await mendPages(segment, without, tools)
  await warehouse.run('set variable slice_bytes = $1::bigint', [tools.sliceBytes])
  await warehouse.run(sqlText('load/slices.sql'))
  const rows = await warehouse.rows('select slice::integer as slice from slices order by slice')
  return rows.length === 0 ? [0] : rows.map((row) => Number(row['slice']))
}

/** Pages that hold FDX transactions, listed or inside accounts. */
const found: ReadonlySet<LoadedEntity> = new Set(['fdx.accounts', 'fdx.transactions'])

/** Opens the envelopes of a slice and decides what is new, outside of any transaction. */
async function stageSlice(
  warehouse: Warehouse,
  entity: LoadedEntity,
  slice: number,
): Promise<void> {
  await warehouse.run('set variable slice = $1', [slice])
  const steps = [
    'slice',
    `stage_${entity}`,
    ...(found.has(entity) ? ['stage_found'] : []),
    'choose',
  ]
  for (const step of steps) await warehouse.run(sqlText(`load/${step}.sql`))
}

/** Brings the tables up to date with a staged slice; the caller holds a transaction. */
async function loadSlice(warehouse: Warehouse): Promise<void> {
  const run = (name: string) => warehouse.run(sqlText(`load/${name}.sql`))
  await run('history/changed')
  if ((await warehouse.rows('select 1 from changed_id limit 1')).length > 0)
    await run('history/transactions')
  await run('forget_lists')
  let work = await workOf(warehouse)
  for (const table of tables) {
    const name = qualifiedName(table)
    const todo = work.get(name)
    if (todo === undefined) continue
    const step = (part: Part) => run(`tables/${name}/${part}`)
    if (todo.gone) await step('forget')
    if (todo.added === 0) continue
    await step('members')
    const members = await warehouse.rows(
      'select distinct unnest(names) as name from shape where table_name = $1',
      [name],
    )
    const present = new Set(members.map((row) => String(row['name'])))
    if ((await warehouse.run(wholeRows(table, present))) === todo.added) continue
    await step('other')
    if (table.children.length > 0) work = await workOf(warehouse)
  }
  await run('history/balances')
  await run('history/accounts')
  await run('keep')
}

/** Per table: how many records to add, and whether something in it is replaced or brought up to date. */
async function workOf(warehouse: Warehouse) {
  const rows = await warehouse.rows(sqlText('load/has_work.sql'))
  return new Map(
    rows.map(({ table_name, added, gone }) => [
      String(table_name),
      { added: Number(added), gone: gone === true },
    ]),
  )
}
