import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { FdxError } from '../errors.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const sqlFiles = (folder: string) =>
  readdirSync(new URL(`../../sql/${folder}/`, import.meta.url))
    .filter((name) => name.endsWith('.sql'))
    .sort()

/**
 * Applies the files of `sql/schema/` that have not been, in order, each alone and followed by a checkpoint.
 * @param names the files, in order; all of them unless a test wants an older warehouse
 * @throws FdxError `MIGRATION_CHANGED` when a file that ran has another text now.
 */
export async function migrate(
  warehouse: Warehouse,
  names: readonly string[] = sqlFiles('schema'),
): Promise<boolean> {
  const table = await warehouse.rows(
    `select 1 from duckdb_tables() where database_name = 'lake' and schema_name = 'main' and table_name = 'migrations'`,
  )
  if (table.length === 0)
    await warehouse.change(
      'create table main.migrations (name varchar not null, sha256 varchar not null)',
    )
  const applied = await appliedTexts(warehouse, 'main.migrations')
  let changed = false
  for (const name of names) {
    const text = sqlText(`schema/${name}`)
    const before = applied.get(name)
    if (before === sha256(text)) continue
    if (before !== undefined)
      throw new FdxError(
        'MIGRATION_CHANGED',
        `sql/schema/${name} was edited after it ran; undo the edit and add a new numbered file instead`,
      )
    await warehouse.change(text, () =>
      warehouse.run('insert into main.migrations values ($1, $2)', [name, sha256(text)]),
    )
    changed = true
  }
  return changed
}

/**
 * Makes all views of `sql/marts/` when the text of one is new or has changed: they build on each other, and
 * DuckDB refuses a view whose columns are not what they were when it was made. A file’s number is its place.
 */
export async function makeMarts(warehouse: Warehouse): Promise<boolean> {
  const applied = await appliedTexts(warehouse, 'ops.views')
  const files = sqlFiles('marts').map((name) => ({ name, text: sqlText(`marts/${name}`) }))
  const same = files.every(({ name, text }) => applied.get(name) === sha256(text))
  if (same && files.length === applied.size) return false
  await warehouse.change(files.map(({ text }) => text).join('\n'), async () => {
    await warehouse.run('delete from ops.views')
    for (const { name, text } of files)
      await warehouse.run('insert into ops.views values ($1, $2)', [name, sha256(text)])
  })
  return true
}

async function appliedTexts(warehouse: Warehouse, table: 'main.migrations' | 'ops.views') {
  const rows = await warehouse.rows(`select name, sha256 from ${table}`)
  return new Map(rows.map((row) => [String(row['name']), String(row['sha256'])]))
}

export { sqlFiles }
