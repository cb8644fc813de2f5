import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { journalAnswer, writeIntent } from '../../src/connect/intent.ts'
import { tokenManager } from '../../src/connect/tokens.ts'
import { type Grant, openVault, type Vault } from '../../src/connect/vault.ts'
import { type Connection, listConnections, saveConnection } from '../../src/state/connections.ts'
import { replaceFile } from '../../src/state/durable-file.ts'
import { openState, type State } from '../../src/state/state.ts'
import { realWorld } from '../../src/world.ts'
import { providerAt, testKey } from '../faults/rig.ts'
import type { BenchResult } from './bench.ts'

const refreshes = 1_000
const slice = 125
const connections = 10_000
/** Refreshes that a crash has left open, each with its answer on disk. */
const open = 20
const atOnce = 16

/**
 * What durability costs: refreshes against a token server in another process, and the start with 10,000
 * connections, each in units of the same number of bare durable file replaces.
 */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-bench-'))
  const server = spawn(process.execPath, [
    join(import.meta.dirname, 'processes', 'token-server.ts'),
  ])
  try {
    const [url] = (await once(server.stdout, 'data')) as [Buffer]
    return await measure(folder, url.toString().trim())
  } finally {
    server.stdin.end()
    rmSync(folder, { recursive: true })
  }
}

async function measure(folder: string, url: string): Promise<BenchResult> {
  const provider = providerAt(url, { timeoutSeconds: 20 })
  const vault = await openVault(join(folder, 'vault'), testKey)
  using state = openState(join(folder, 'state.db'))
  const all = fill(vault, state)
  const tools = { provider, vault, state, world: realWorld }

  await tokenManager(tools).accessToken(all.at(-1) as Connection) // loads code on the way
  const tokens = tokenManager(tools)
  let refreshing = 0
  let replacing = 0
  // By turns, so that whatever else this machine does slows both.
  for (let from = 0; from < refreshes; from += slice) {
    const some = all.slice(from, from + slice)
    refreshing += await milliseconds(() => Promise.all(some.map((c) => tokens.accessToken(c))))
    replacing += await bareReplaces(folder, slice)
  }

  for (const { id } of all.slice(refreshes, refreshes + open)) await leaveOpen(vault, id)
  const starting = await milliseconds(async () => {
    const fresh = await openVault(join(folder, 'vault'), testKey)
    using again = openState(join(folder, 'state.db'))
    const { done } = await tokenManager({ ...tools, vault: fresh, state: again }).settleAll()
    const listed = listConnections(again, provider.name)
    if (done.length !== open || listed.length !== connections)
      throw new Error('the start did not do what it is measured for')
  })
  const replacingAll = await bareReplaces(folder, connections)
  const { count, sum } = tokens.metrics.answer_to_durable_ms
  return {
    ratios: {
      refresh: refreshing / replacing,
      start_10000: starting / replacingAll,
    },
    // A refresh is three flushed steps (intent, journal, record), a lock, and a request.
    goals: { refresh: { atMost: 15 }, start_10000: { atMost: 0.2 } },
    seen: {
      'refreshes a second': (refreshes / (refreshing / 1000)).toFixed(0),
      'bare replaces a second': (refreshes / (replacing / 1000)).toFixed(0),
      'start with 10,000 connections': `${starting.toFixed(0)} ms`,
      'answer to disk, mean': `${(sum / count).toFixed(2)} ms`,
    },
  }
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now()
  await work()
  return performance.now() - from
}

/** The limit: a record of the same size, replaced and flushed, as many at once as refreshes run. */
function bareReplaces(folder: string, count: number): Promise<number> {
  const into = join(folder, 'bare')
  mkdirSync(into, { recursive: true })
  const bytes = Buffer.alloc(1_500, 'x')
  const limit = pLimit(atOnce)
  const files = Array.from({ length: count }, (_, i) => join(into, `${i}.sealed`))
  return milliseconds(() => limit.map(files, (file) => replaceFile(file, bytes)))
}

/** Records and registry entries, written without care: this is not what is measured. */
function fill(vault: Vault, state: State): Connection[] {
  const grant: Grant = {
    kind: 'grant',
    generation: 1,
    refreshToken: 'refresh-0',
    accessToken: `access-0-${'a'.repeat(800)}`,
    receivedAt: 0,
    expiresAt: 1,
  }
  const at = new Date(realWorld.now()).toISOString()
  return state.transaction(() =>
    Array.from({ length: connections }, (_, i) => {
      const id = `c_${String(i).padStart(20, '0')}`
      const label = { connection: id, kind: 'record', generation: 1 } as const
      const sealed = vault.seal(label, Buffer.from(JSON.stringify(grant)))
      writeFileSync(vault.path(id, 'sealed'), sealed, { mode: 0o600 })
      const connection: Connection = {
        id,
        provider: 'bank',
        protocol: 'fdx',
        subject: null,
        label: '',
        state: 'active',
        reason: '',
        scopes: '',
        consent_given_at: at,
        consent_ends_at: null,
        created_at: at,
        updated_at: at,
        last_good_at: null,
      }
      saveConnection(state, connection)
      return connection
    }),
  )
}

async function leaveOpen(vault: Vault, id: string): Promise<void> {
  await writeIntent(vault, id, { fingerprint: '', generation: 1, at: 0, attempts: 1 })
  const answer = { access_token: 'a', refresh_token: 'r', token_type: 'Bearer', expires_in: 300 }
  await journalAnswer(vault, id, 2, Buffer.from(JSON.stringify(answer)))
}
