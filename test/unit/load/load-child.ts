import { dataPaths } from '../../../src/config/settings.ts'
import { load } from '../../../src/load/load.ts'
import { openState } from '../../../src/state/state.ts'

// A process of its own, so that a test can kill it.
const paths = dataPaths(process.argv[2] ?? '')
using state = openState(paths.stateFile)
await load({ paths, state, now: () => Date.now() })
