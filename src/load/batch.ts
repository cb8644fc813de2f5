import { mergedInto } from '../state/merges.ts'
import { tombstones } from '../state/purges.ts'
import type { State } from '../state/state.ts'
import { qualifiedName, tables } from './fields/tables.ts'
import { added } from './layout.ts'
import { bodyType, type LoadedEntity } from './loaded.ts'
import { isMovement } from './record-shape.ts'
import type { LineFile, StagedPages } from './stage-pages.ts'
import { fillTable, unknownMembers } from './table-sql.ts'
import { readTransactions } from './transaction-sql.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

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

/**
 * Loads pages of one entity, and writes the segments that end with them to ops.segments: one transaction.
 * Returns the number of pages that were not loaded before.
 * @param now milliseconds since the epoch.
 */
export async function loadPages(
  warehouse: Warehouse,
  entity: LoadedEntity,
  staged: StagedPages,
  now: number,
): Promise<number> {
  const run = (name: string) => warehouse.run(sqlText(`load/${name}.sql`))
  await stage(warehouse, entity, staged, now)
  const fill = async () => {
    await run('history/changed')
    if ((await warehouse.rows('select 1 from changed_id limit 1')).length > 0)
      await run('history/transactions')
    await run('forget_lists')
    await fillTables(warehouse, staged.present)
    await run('history/balances')
    await run('history/accounts')
    await run('keep')
    for (const segment of staged.ended)
      await warehouse.run(
        'insert into ops.segments select $1, $2, (select count(*) from ops.pages where segment = $1), $3, to_timestamp($4 / 1000)',
        [segment.name, entity, segment.bytes, now],
      )
  }
  await warehouse.byOneThread(() => warehouse.transaction(fill))
  const [row] = await warehouse.rows('select count(*)::integer as pages from page')
  return Number(row?.['pages'])
}

/** Reads the files, opens the envelopes and decides what is new, outside of any transaction. */
async function stage(
  warehouse: Warehouse,
  entity: LoadedEntity,
  { pages, transactions, lost, present }: StagedPages,
  now: number,
): Promise<void> {
  await warehouse.run(sqlText('load/stage.sql'))
  await setFile(warehouse, 'pages', pages)
  await warehouse.run('set variable body_type = $1', [bodyType[entity]])
  await warehouse.run(sqlText('load/landed.sql'))
  await warehouse.run(sqlText(`load/read_${entity}.sql`))
  await warehouse.run(sqlText('load/new_pages.sql'))
  if (lost.length > 0)
    await warehouse.run(sqlText('load/lost_pages.sql'), [JSON.stringify(lost), now])
  await warehouse.run(sqlText(`load/stage_${entity}.sql`))
  if (transactions.bytes > 0) {
    await setFile(warehouse, 'transactions', transactions)
    // DuckDB knows nothing of the file's size, and would build its hash tables of the transactions.
    await warehouse.run(`set disabled_optimizers = 'join_order,build_side_probe_side'`)
    await warehouse.run(readTransactions(entity, present))
    await warehouse.run('reset disabled_optimizers')
    await warehouse.run(sqlText('load/number_twins.sql'))
    await warehouse.run(sqlText('load/lost_transactions.sql'))
  }
  await warehouse.run(sqlText('load/choose.sql'))
}

async function setFile(warehouse: Warehouse, name: string, { file, longest }: LineFile) {
  await warehouse.run(`set variable ${name}_file = $1`, [file])
  await warehouse.run(`set variable ${name}_longest = $1::bigint`, [Math.max(longest, 1024 * 1024)])
}

/** Brings the tables up to date with what is staged, parents before the lists inside them. */
async function fillTables(warehouse: Warehouse, present: ReadonlySet<string>): Promise<void> {
  if (present.has(added.more)) await warehouse.run(unknownMembers)
  let work = await workOf(warehouse)
  for (const table of tables) {
    const todo = work.get(qualifiedName(table))
    if (todo === undefined) continue
    const members = isMovement(table) ? present : await membersOf(warehouse, qualifiedName(table))
    const sql = fillTable(table, members)
    if (todo.gone) await warehouse.run(sql.forget)
    if (todo.read === 0) continue
    if ((await warehouse.run(sql.wholeRows)) === todo.read) continue
    await warehouse.run(sql.otherRows)
    if (table.children.length > 0) work = await workOf(warehouse)
  }
}

/** Names of the members that the records staged for a table have. */
async function membersOf(warehouse: Warehouse, table: string): Promise<Set<string>> {
  const rows = await warehouse.rows(
    'select distinct unnest(json_keys(doc)) as name from accepted where table_name = $1',
    [table],
  )
  return new Set(rows.map((row) => String(row['name'])))
}

/** Per table: how many records were read, and whether something in it is replaced or brought up to date. */
async function workOf(warehouse: Warehouse) {
  const rows = await warehouse.rows(sqlText('load/has_work.sql'))
  return new Map(
    rows.map(({ table_name, read, gone }) => [
      String(table_name),
      { read: Number(read), gone: gone === true },
    ]),
  )
}
