/**
 * One `run` over so many small connections of a sandbox in another process, in a process of its own:
 * `run-many.ts URL GRANTS FIRST COUNT`, as many lines of GRANTS from FIRST (0) on: a refresh token is good for one
 * run. Each connection refreshes its token and reads
 * an account and its transactions. Prints milliseconds of the whole run, those until its last connection had
 * ended, and the most memory (kB) that it held until then.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipelineSchema } from '../../../src/config/pipeline.ts'
import { readProvider } from '../../../src/config/read.ts'
import { dataPaths } from '../../../src/config/settings.ts'
import { type Grant, openVault } from '../../../src/connect/vault.ts'
import { run } from '../../../src/run.ts'
import { openState } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'
import { testKey } from '../../faults/rig.ts'
import { connect } from '../../support/extract.ts'

const [url = '', file = '', first = '0', count = '1'] = process.argv.slice(2)
const paths = dataPaths(mkdtempSync(join(tmpdir(), 'fdx-bench-')))
const vault = await openVault(paths.vault, testKey)
using state = openState(paths.stateFile)
const sandbox = readProvider('pipelines', 'sandbox-v6', { FDX_SANDBOX_URL: url })
if (sandbox.protocol !== 'fdx') throw new Error('expected an FDX provider')
const provider = { ...sandbox, pace: { ...sandbox.pace, requestsPerSecond: 10_000 } }
const pipeline = {
  ...pipelineSchema.parse({ provider: 'sandbox-v6', resources: ['accounts', 'transactions'] }),
  name: 'nightly',
}
// Only as much of the file as is needed stays in memory: it is not the run's.
const grants = readFileSync(file, 'utf8').split('\n').splice(Number(first), Number(count))
state.transaction(() => {
  for (const [i, line] of grants.entries()) {
    const { refreshToken } = JSON.parse(line) as { refreshToken: string }
    const { id } = connect(state, provider, `c_${String(i).padStart(20, '0')}`)
    const grant: Grant = {
      kind: 'grant',
      generation: 1,
      refreshToken,
      accessToken: null,
      receivedAt: 0,
      expiresAt: 0,
    }
    const label = { connection: id, kind: 'record', generation: 1 } as const
    const sealed = vault.seal(label, Buffer.from(JSON.stringify(grant)))
    writeFileSync(vault.path(id, 'sealed'), sealed, { mode: 0o600 })
  }
})
grants.length = 0

let kB = 0
let extractMs = 0
const from = performance.now()
const report = await run([{ pipeline, provider }], {
  paths,
  state,
  vault,
  world: realWorld,
  signal: new AbortController().signal,
  watch: {
    extracting: () => {},
    connectionEnded: () => {
      kB = process.resourceUsage().maxRSS
      extractMs = performance.now() - from
    },
    unreachable: () => {},
    loading: () => {},
    underWay: () => {},
    waitingForLoader: () => {},
  },
})
const ms = performance.now() - from
if (report.extracted[0]?.ended.ok !== Number(count))
  throw new Error(`not all ended well: ${JSON.stringify(report.extracted[0]?.ended)}`)
process.stdout.write(`${JSON.stringify({ ms, extractMs, kB })}\n`)
rmSync(paths.root, { recursive: true })
