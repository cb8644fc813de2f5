import { sqlFiles } from './migrate.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

export interface CheckResult {
  readonly name: string
  /** Rows that came back: 0 means the check holds. */
  readonly failed: number
}

/** Runs every query of `sql/checks/`; each returns the rows that break it. Writes ops.checks when asked to. */
export async function runChecks(
  warehouse: Warehouse,
  write: boolean,
  now: number,
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const file of sqlFiles('checks')) {
    const query = sqlText(`checks/${file}`).trim().replace(/;$/, '')
    const [row] = await warehouse.rows(`select count(*)::integer as failed from (\n${query}\n)`)
    results.push({ name: file.replace(/\.sql$/, ''), failed: Number(row?.['failed'] ?? 0) })
  }
  if (write)
    await warehouse.transaction(async () => {
      await warehouse.run('delete from ops.checks')
      for (const { name, failed } of results)
        await warehouse.run('insert into ops.checks values ($1, $2, to_timestamp($3 / 1000))', [
          name,
          failed,
          now,
        ])
    })
  return results
}
