/**
 * The sandbox in a process of its own, with so many people, and a grant of each in a file, a line of JSON each:
 * `sandbox-many.ts PEOPLE FILE`. Prints its URL.
 */
import { writeFileSync } from 'node:fs'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'

const [count = '1', file = ''] = process.argv.slice(2)
const sandbox = await startSandbox({
  port: 0,
  connections: Number(count),
  accounts: 1,
  transactions: 20,
  accessTokenSeconds: 86_400,
  refreshIdleDays: 365,
})
const grants = Array.from({ length: Number(count) }, (_, person) => sandbox.grant('v6', person))
writeFileSync(file, grants.map((grant) => `${JSON.stringify(grant)}\n`).join(''))
process.stdout.write(`${sandbox.url}\n`)
process.stdin.resume().on('end', () => process.exit(0)) // ends with its parent
