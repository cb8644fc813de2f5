/** Run as a process of its own, to be killed: loads a data folder; with the name of a schema change, makes it and dies. */
import { dataPaths } from '../../src/config/settings.ts'
import { load } from '../../src/load/load.ts'
import { openWarehouse } from '../../src/load/warehouse.ts'
import { openState } from '../../src/state/state.ts'
import { schemaChanges } from './schema-changes.ts'

const [, , root = '', name] = process.argv
const paths = dataPaths(root)
const change = schemaChanges.find((one) => one.name === name)
if (change !== undefined) {
  using warehouse = await openWarehouse({ file: paths.warehouse, scratch: paths.scratch })
  await warehouse.transaction(() => warehouse.run(change.sql))
  process.kill(process.pid, 'SIGKILL')
}
using state = openState(paths.stateFile)
// Small batches, so that there are many moments between two of them.
await load({ paths, state, now: () => Date.now(), batchBytes: 128 * 1024 })
