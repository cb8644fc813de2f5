import { existsSync, rmSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { syncFolder } from '../state/durable-file.ts'
import { openWarehouse, sqlText, type Warehouse } from './warehouse.ts'

/**
 * Erases a connection’s rows from every table, and then their bytes: DuckDB leaves deleted text readable in
 * its file until the file is written anew (facts/reliability-security.md 6.10). The caller holds the
 * loader's lock. Doing it again is harmless.
 * @param note is told how many rows a table loses, before it loses them.
 */
export async function eraseFromWarehouse(
  paths: DataPaths,
  connectionId: string,
  note: (table: string, rows: number) => void,
): Promise<void> {
  if (!existsSync(paths.warehouse)) return
  const fresh = `${paths.warehouse}.fresh`
  for (const file of [fresh, `${fresh}.wal`]) rmSync(file, { force: true })
  {
    using warehouse = await openWarehouse({ file: paths.warehouse, scratch: paths.scratch })
    const tables = await warehouse.rows(sqlText('load/tables_of_connections.sql'))
    await warehouse.transaction(async () => {
      for (const { name, column_name } of tables)
        note(
          String(name),
          await deleteRows(warehouse, String(name), String(column_name), connectionId),
        )
    })
    await warehouse.run('checkpoint lake')
    await warehouse.copyTo(fresh)
  }
  // Both instances are closed: no lock of ours is on either file, and no .wal may be left beside them.
  if (existsSync(`${paths.warehouse}.wal`) || existsSync(`${fresh}.wal`))
    throw new FdxError(
      'WAREHOUSE_BUSY',
      'the warehouse was not closed cleanly; run the purge again',
    )
  const handle = await open(fresh, 'r')
  await handle.sync()
  await handle.close()
  await rename(fresh, paths.warehouse)
  await syncFolder(dirname(paths.warehouse))
  rmSync(paths.scratch, { recursive: true, force: true })
}

async function deleteRows(
  warehouse: Warehouse,
  table: string,
  column: string,
  connectionId: string,
) {
  const where = `from ${table} where ${column} = $1`
  const [count] = await warehouse.rows(`select count(*)::integer as rows ${where}`, [connectionId])
  await warehouse.run(`delete ${where}`, [connectionId])
  return Number(count?.['rows'] ?? 0)
}
