/** Run as a process of its own, so that its memory is its own: loads a data folder, or reads it as the yardstick does. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { dataPaths } from '../../../src/config/settings.ts'
import { load } from '../../../src/load/load.ts'
import { openWarehouse } from '../../../src/load/warehouse.ts'
import { openState } from '../../../src/state/state.ts'
import { nestedTables } from './nested-tables.ts'

const [, , what = '', root = ''] = process.argv
const paths = dataPaths(root)
const began = performance.now()
if (what === 'yardstick') await yardstick()
else {
  using state = openState(paths.stateFile)
  const report = await load({ paths, state, now: () => Date.now() })
  if (report.rejects > 0) throw new Error('the pages of a benchmark must all be readable')
}
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
process.stdout.write(
  JSON.stringify({
    wall: performance.now() - began,
    cpu: (userCPUTime + systemCPUTime) / 1000,
    peakMiB: maxRSS / 1024,
  }),
)

/** What anyone would write: DuckDB reads the nested pages into tables as they are. */
async function yardstick(): Promise<void> {
  const file = join(root, 'yardstick.duckdb')
  rmSync(file, { force: true })
  using warehouse = await openWarehouse({ file, scratch: paths.scratch, memoryLimit: '2GB' })
  for (const [entity, sql] of Object.entries(nestedTables)) {
    const folder = join(paths.segments, entity)
    const files = readdirSync(folder).map((name) => join(folder, name))
    await warehouse.run('set variable files = (select from_json($1::json, \'["VARCHAR"]\'))', [
      JSON.stringify(files),
    ])
    await warehouse.run(sql)
  }
  await warehouse.run('checkpoint lake')
}
