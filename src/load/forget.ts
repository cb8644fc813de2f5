import { existsSync } from 'node:fs'
import type { DataPaths } from '../config/settings.ts'
import { openWarehouse, sqlText } from './warehouse.ts'

/**
 * Takes a connection’s rows out of every table and marks the segments that hold its pages as not loaded, so
 * that the next load reads those pages again. The caller holds the loader's lock.
 */
export async function forgetConnection(
  paths: DataPaths,
  connectionId: string,
  segments: readonly string[],
): Promise<void> {
  if (!existsSync(paths.warehouse)) return
  using warehouse = await openWarehouse({ file: paths.warehouse, scratch: paths.scratch })
  const tables = await warehouse.rows(sqlText('load/tables_of_connections.sql'))
  await warehouse.transaction(async () => {
    for (const { name, column_name } of tables)
      await warehouse.run(`delete from ${String(name)} where ${String(column_name)} = $1`, [
        connectionId,
      ])
    for (const segment of segments)
      await warehouse.run('delete from ops.segments where name = $1', [segment])
  })
  await warehouse.run('checkpoint lake')
}
