/**
 * One `run` over so many small connections, in a process of its own: `run-many.ts URL CONNECTIONS PAGES`, each with
 * so many pages of transactions. Prints
 * milliseconds of the whole run, and the most memory (kB) that it held until its last connection had ended.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipelineSchema } from '../../../src/config/pipeline.ts'
import { dataPaths } from '../../../src/config/settings.ts'
import { type Grant, openVault } from '../../../src/connect/vault.ts'
import { run } from '../../../src/run.ts'
import { openState } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'
import { testKey } from '../../faults/rig.ts'
import { connect, fdxProvider } from '../../support/extract.ts'

const [url = '', count = '1', pages = '1'] = process.argv.slice(2)
const paths = dataPaths(mkdtempSync(join(tmpdir(), 'fdx-bench-')))
const vault = await openVault(paths.vault, testKey)
using state = openState(paths.stateFile)
const provider = fdxProvider(`${url}/${pages}/20`, {
  version: 5,
  pace: { concurrency: 8, requestsPerSecond: 10_000 },
})
const resources = ['accounts', 'transactions']
const pipeline = {
  ...pipelineSchema.parse({ provider: 'bank', resources, schedule: '0 3 * * *' }),
  name: 'nightly',
}
const now = realWorld.now()
const grant: Grant = {
  kind: 'grant',
  generation: 1,
  refreshToken: 'refresh',
  accessToken: 'access',
  receivedAt: now,
  expiresAt: now + 86_400_000,
}
state.transaction(() => {
  for (let i = 0; i < Number(count); i++) {
    const { id } = connect(state, provider, `c_${String(i).padStart(20, '0')}`)
    const label = { connection: id, kind: 'record', generation: 1 } as const
    const sealed = vault.seal(label, Buffer.from(JSON.stringify(grant)))
    writeFileSync(vault.path(id, 'sealed'), sealed, { mode: 0o600 })
  }
})

let kB = 0
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
    },
    loading: () => {},
    waitingForLoader: () => {},
  },
})
if (report.extracted[0]?.ended.ok !== Number(count)) throw new Error('not all ended well')
const ms = performance.now() - from
process.stdout.write(`${JSON.stringify({ ms, kB })}\n`)
rmSync(paths.root, { recursive: true })
