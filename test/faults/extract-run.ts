/** One process of `extract-kill.ts`: the whole run over everybody who is connected in a folder. */
import { openVault } from '../../src/connect/vault.ts'
import { run } from '../../src/run.ts'
import { openState } from '../../src/state/state.ts'
import { realWorld } from '../../src/world.ts'
import { jobAt, pathsIn } from './extract-kill.ts'
import { testKey } from './rig.ts'

const [folder = '', url = '', pageSize = '10'] = process.argv.slice(2)
const paths = pathsIn(folder)
using state = openState(paths.stateFile)
const report = await run([jobAt(url, Number(pageSize))], {
  paths,
  state,
  vault: await openVault(paths.vault, testKey),
  world: realWorld,
  signal: new AbortController().signal,
  watch: {
    extracting: () => {},
    connectionEnded: () => {},
    unreachable: () => {},
    loading: () => {},
    underWay: () => {},
    waitingForLoader: () => {},
  },
})
process.stdout.write(`${JSON.stringify(report.extracted[0]?.ended)}\n`)
