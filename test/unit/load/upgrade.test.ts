import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { migrate, sqlFiles } from '../../../src/load/migrate.ts'
import { openWarehouse, type Warehouse } from '../../../src/load/warehouse.ts'
import { dataFolder, type Fixture } from './warehouse-fixture.ts'

const files = sqlFiles('schema')

async function withWarehouse<T>(folder: Fixture, work: (warehouse: Warehouse) => Promise<T>) {
  using warehouse = await openWarehouse({
    file: folder.paths.warehouse,
    scratch: folder.paths.scratch,
  })
  return await work(warehouse)
}

/** A row of every table that there is, with a value in each column that must have one. */
async function fill(warehouse: Warehouse): Promise<string[]> {
  const columns = await warehouse.rows(
    `select schema_name || '.' || table_name as "table", column_name, data_type from duckdb_columns()
     where database_name = 'lake' and not is_nullable and schema_name <> 'main'
       and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables()) order by all`,
  )
  const values: Record<string, string> = {
    VARCHAR: `'kept'`,
    'TIMESTAMP WITH TIME ZONE': `'2026-01-01 00:00:00+00'`,
    DATE: `'2026-01-01'`,
    BOOLEAN: 'true',
  }
  const byTable = Map.groupBy(columns, (column) => String(column['table']))
  for (const [table, of] of byTable) {
    const names = of.map((column) => `"${String(column['column_name'])}"`).join(', ')
    const row = of.map((column) => values[String(column['data_type'])] ?? '1').join(', ')
    await warehouse.run(`insert into ${table} (${names}) values (${row})`)
  }
  return [...byTable.keys()]
}

/** The first release, the one before this, and one between: each has all that came before it. */
const older = [0, Math.floor(files.length / 2), files.length - 2]

test.each(older.map((at) => [files[at], files.slice(0, at + 1)] as const))(
  'a warehouse as of %s is brought up to date by the next load, and keeps its rows',
  { timeout: 60_000 },
  async (_, names) => {
    using folder = dataFolder()
    const tables = await withWarehouse(folder, async (warehouse) => {
      await migrate(warehouse, names)
      return await fill(warehouse)
    })
    expect(tables.length).toBeGreaterThan(10)
    expect(existsSync(folder.paths.warehouse)).toBe(true)
    await folder.load()
    await withWarehouse(folder, async (warehouse) => {
      const applied = await warehouse.rows('select name from main.migrations order by name')
      expect(applied.map((row) => row['name'])).toEqual(files)
      for (const table of tables.filter((one) => !mirrored.has(one))) {
        const [row] = await warehouse.rows(`select count(*)::integer as rows from ${table}`)
        expect(row?.['rows'], table).toBeGreaterThan(0)
      }
    })
  },
)

/** Tables that every load fills anew, from the state store or from others, and what a load uses up. */
const mirrored = new Set([
  'ops.connections',
  'ops.consents',
  'ops.audit',
  'ops.runs',
  'ops.run_connections',
  'ops.run_issues',
  'ops.unsettled',
  'history.account_links',
])

test('a schema file that was edited after it ran is named, and nothing is done', async () => {
  using folder = dataFolder()
  await folder.load()
  await withWarehouse(folder, async (warehouse) => {
    await warehouse.run(
      `update main.migrations set sha256 = 'x' where name = '0010_vanished_at.sql'`,
    )
  })
  await expect(folder.load()).rejects.toMatchObject({
    code: 'MIGRATION_CHANGED',
    message: expect.stringContaining('sql/schema/0010_vanished_at.sql'),
  })
})
