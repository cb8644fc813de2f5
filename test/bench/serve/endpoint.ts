/** The SQL endpoint over a data folder, as a process of its own. Prints its port; ends when its input does. */
import { serveSchema } from '../../../src/config/serve.ts'
import { dataPaths } from '../../../src/config/settings.ts'
import { makeVerifier } from '../../../src/serve/sql-endpoint/auth/scram.ts'
import { startSqlEndpoint } from '../../../src/serve/sql-endpoint/endpoint.ts'

const [folder = ''] = process.argv.slice(2)
const limits = serveSchema.parse({}).sql
const stop = new AbortController()
const endpoint = await startSqlEndpoint({
  paths: dataPaths(folder),
  host: '127.0.0.1',
  port: 0,
  tls: null,
  users: () => users,
  limits: {
    ...limits,
    connections: 2_000,
    roles: { ...limits.roles, owner: { ...limits.roles.owner, connections: 2_000 } },
  },
  log: (text) => process.stderr.write(`${text}\n`),
  signal: stop.signal,
})
const users = [{ name: 'owner', role: 'owner' as const, verifier: makeVerifier('owner') }]
process.stdout.write(`${endpoint.port}\n`)
process.stdin.resume().on('end', () => {
  void endpoint.close().then(() => process.exit(0))
})
process.on('message', (message) => {
  if (message === 'memory') process.send?.(process.memoryUsage())
})
