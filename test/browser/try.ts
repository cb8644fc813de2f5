// Serves the console by itself for a look: node test/browser/try.ts
import fastify from 'fastify'
import { readSettings } from '../../src/config/settings.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { connectAttempts } from '../../src/serve/connect-attempts.ts'
import { consolePlugin } from '../../src/serve/console/plugin.ts'
import { realWorld } from '../../src/world.ts'
import { openFlow } from '../support/flow.ts'
import { childReader } from './child-reader.ts'

const sandbox = await startSandbox({ port: 0 })
const folder = process.env['FOLDER']
const flow = await openFlow(sandbox, folder)
if (folder === undefined)
  for (const [name, people] of [
    ['outbound', [0, 1, 2, 3]],
    ['rotating', [0, 1]],
    ['v6', [0, 1]],
    ['flinks', [0, 2, 3]],
  ] as const)
    for (const person of people) await flow.connect(name, person)
sandbox.misbehave({ name: 'wrong_types', provider: 'v6', person: 1, endpoint: 'accounts' })
sandbox.misbehave({ name: 'unknown_kind', provider: 'outbound', person: 2 })
if (folder === undefined) await flow.run('outbound', 'rotating', 'v6', 'flinks')
const settings = readSettings({ ...flow.env })
const connect = connectAttempts({
  settings,
  vault: flow.vault,
  state: flow.state,
  world: realWorld,
})
const app = fastify({ forceCloseConnections: true })
await app.register(
  consolePlugin({
    state: flow.state,
    reader: childReader(flow.paths.generations),
    settings,
    paths: flow.paths,
    world: realWorld,
    signInToken: 'try-me',
    connect,
    runNow: (pipeline) => void flow.run(pipeline.replace(/^sandbox-|-nightly$/g, '') as 'v6'),
  }),
)
await app.listen({ port: Number(process.env['PORT'] ?? 8914), host: '127.0.0.1' })
process.stdout.write(
  `http://127.0.0.1:8914/sign-in#token=try-me sandbox ${sandbox.url} data ${flow.paths.root}\n`,
)
