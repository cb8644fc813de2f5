/** One process of a fault run: refreshes the rig's connection, and dies where it is told to. */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { createInterface } from 'node:readline'
import type { ChildTask } from './children.ts'

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask

const die = () => process.kill(process.pid, 'SIGKILL')
let operations = 0
/** Counts the operations that change files, and dies right after the chosen one. */
function counted<A extends unknown[], R>(operation: (...args: A) => Promise<R>) {
  return async function (this: unknown, ...args: A): Promise<R> {
    const result = await operation.apply(this, args)
    operations += 1
    if (operations === task.dieAfterOperation) die()
    return result
  }
}
const handle = await fs.open(process.execPath)
const handleKind = Object.getPrototypeOf(handle) as Record<string, () => Promise<unknown>>
for (const name of ['writeFile', 'write', 'sync', 'datasync'])
  handleKind[name] = counted(handleKind[name] as () => Promise<unknown>)
await handle.close()
Object.assign(fs, {
  open: counted(fs.open),
  rename: counted(fs.rename),
  unlink: counted(fs.unlink),
})
syncBuiltinESMExports()

// After the change above, so that the code under test gets the counted operations.
const { providerAt, testKey, newKey } = await import('./rig.ts')
const { tokenManager } = await import('../../src/connect/tokens.ts')
const { rotateKey } = await import('../../src/connect/rotate-key.ts')
const { fingerprint } = await import('../../src/connect/intent.ts')
const { openVault } = await import('../../src/connect/vault.ts')
const { FdxError } = await import('../../src/errors.ts')
const { listConnections } = await import('../../src/state/connections.ts')
const { openState } = await import('../../src/state/state.ts')
const { realWorld } = await import('../../src/world.ts')

const say = (answer: object) => process.stdout.write(`${JSON.stringify(answer)}\n`)
const codeOf = (error: unknown): string => {
  if (error instanceof FdxError) return error.code
  throw error
}

operations = 0 // from here on it is the code under test
if (task.rotateKey) {
  await rotateKey(`${task.folder}/vault`, testKey, newKey)
  say({ operations })
} else {
  const vault = await openVault(`${task.folder}/vault`, testKey)
  using state = openState(`${task.folder}/state.db`)
  const [connection] = listConnections(state)
  if (connection === undefined) throw new Error('the rig has no connection')
  const tokens = tokenManager({
    provider: providerAt(task.url, task.oauth),
    vault,
    state,
    world: realWorld,
    ambiguousRetryMs: 1,
    lockWaitMs: task.lockWaitMs ?? 20_000,
    failpoint: (name) => {
      if (name === task.dieAt) die()
    },
  })
  if (task.callers === undefined) {
    const ended = await tokens.accessToken(connection).then(() => 'token', codeOf)
    say({ ended, operations })
  } else {
    say({ ready: true })
    for await (const line of createInterface({ input: process.stdin })) {
      const { rejected, at } = JSON.parse(line) as { rejected: string; at: number }
      while (Date.now() < at) await new Promise(setImmediate)
      const calls = Array.from({ length: task.callers }, () =>
        tokens.accessToken(connection, rejected).then(fingerprint, codeOf),
      )
      say({ tokens: [...new Set(await Promise.all(calls))] })
    }
  }
}
