import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

/** Pairs are made in so many rounds: in each, those are linked who prefer each other. */
const rounds = 3

/**
 * Brings up to date what follows from more than one page: which transactions are gone from a window that was
 * read completely, and which row supersedes which, and which accounts are one. Touches the accounts of `ops.unsettled`
 * alone (all accounts are compared with each other, narrowly), which every slice fills in its own transaction: a load that was killed leaves them to the next. True when there were any.
 */
export async function settle(warehouse: Warehouse): Promise<boolean> {
  if (!(await isAny(warehouse, 'ops.unsettled'))) return false
  const run = (name: string) => warehouse.run(sqlText(`load/settle/${name}.sql`))
  await run('movements')
  await warehouse.transaction(async () => {
    await run('readings')
    await run('gone')
    if (await isAny(warehouse, 'gone')) await run('vanish')
    await run('earlier')
    if (await isAny(warehouse, 'earlier_row')) {
      await run('links')
      for (let round = 1; round <= rounds; round++) await run('pair')
    }
    await run('keep')
    await run('account_links')
  })
  return true
}

async function isAny(warehouse: Warehouse, table: 'ops.unsettled' | 'gone' | 'earlier_row') {
  return (await warehouse.rows(`select 1 from ${table} limit 1`)).length > 0
}
