/**
 * `node test/faults/extract-kill.ts [--quick] [--seed N]`: a run of 2,000 requests, killed with SIGKILL at a
 * random moment ten times in a row and then left to end. Its tables must be those of a run that nobody
 * disturbed, and each kill may cost 2 % of that run's requests.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { asTable } from '../../src/cli/format.ts'
import { readPipeline, readProvider } from '../../src/config/read.ts'
import { type DataPaths, dataPaths } from '../../src/config/settings.ts'
import { newGrant, register } from '../../src/connect/register.ts'
import { tokenManager } from '../../src/connect/tokens.ts'
import { openVault } from '../../src/connect/vault.ts'
import type { Job } from '../../src/run.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../src/serve/generation.ts'
import { openState } from '../../src/state/state.ts'
import { realWorld } from '../../src/world.ts'
import { testKey } from './rig.ts'

interface KillSettings {
  readonly connections: number
  readonly kills: number
  /** Of each account, and how many come on a page. */
  readonly transactions: number
  readonly pageSize: number
  readonly seed: number
}

/** Both have some 2,000 requests, so that 2 % of them mean the same; the quick form has fewer kills and smaller pages. */
const sizes = {
  quick: { connections: 10, kills: 3, transactions: 150, pageSize: 3 },
  full: { connections: 20, kills: 10, transactions: 250, pageSize: 10 },
} as const

interface KillResult {
  /** Data requests of the run that nobody disturbed. */
  readonly undisturbed: number
  /** After how many requests each kill came. */
  readonly killedAt: readonly number[]
  /** Data requests of the killed run, all its processes together. */
  readonly requests: number
  /** Tables whose rows differ; how many rows were compared. */
  readonly different: readonly string[]
  readonly rows: number
}

export const pathsIn = (folder: string): DataPaths => dataPaths(join(folder, 'data'))

export function jobAt(url: string, pageSize: number): Job {
  const env = { FDX_SANDBOX_URL: url }
  const provider = readProvider('pipelines', 'sandbox-v6', env)
  if (provider.protocol !== 'fdx') throw new Error('expected an FDX provider')
  const pace = { ...provider.pace, requestsPerSecond: 2_000 }
  return {
    provider: { ...provider, pageSize, pace },
    pipeline: readPipeline('pipelines', 'sandbox-v6-nightly', env),
  }
}

/** Runs the same connections twice: once undisturbed, once killed again and again. */
async function killAgainAndAgain(settings: KillSettings): Promise<KillResult> {
  const root = mkdtempSync(join(tmpdir(), 'fdx-kill-'))
  const { connections, kills, pageSize, transactions } = settings
  await using sandbox = await startSandbox({
    port: 0,
    connections,
    accounts: 4,
    transactions,
    accessTokenSeconds: 3_600,
  })
  try {
    const [calm, killed] = [join(root, 'calm'), join(root, 'killed')]
    await connectAll(sandbox, calm, connections)
    cpSync(calm, killed, { recursive: true })

    const first = startRun(calm, sandbox.url, pageSize)
    if ((await once(first, 'close'))[0] !== 0) throw new Error('the undisturbed run has failed')
    const undisturbed = dataRequests(sandbox)

    const random = chance(settings.seed)
    const moments = Array.from({ length: kills }, () => Math.floor(random() * undisturbed))
    const killedAt: number[] = []
    for (const moment of moments.sort((a, b) => a - b)) {
      const child = startRun(killed, sandbox.url, pageSize)
      const closed = once(child, 'close')
      while (dataRequests(sandbox) - undisturbed < moment && child.exitCode === null) await sleep(1)
      await sleep(random() * 5)
      child.kill('SIGKILL')
      await closed
      killedAt.push(dataRequests(sandbox) - undisturbed)
    }
    const last = startRun(killed, sandbox.url, pageSize)
    if ((await once(last, 'close'))[0] !== 0) throw new Error('the last run has failed')
    const requests = dataRequests(sandbox) - undisturbed
    return { undisturbed, killedAt, requests, ...(await compare(calm, killed)) }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const runner = join(import.meta.dirname, 'extract-run.ts')

const startRun = (folder: string, url: string, pageSize: number) =>
  spawn(process.execPath, [runner, folder, url, String(pageSize)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })

function dataRequests(sandbox: Sandbox): number {
  const { token: _token, ...data } = { token: 0, ...sandbox.requests().v6 }
  return Object.values(data).reduce((sum, count) => sum + Number(count), 0)
}

/** With live access tokens, so that both runs begin with the same. */
export async function connectAll(sandbox: Sandbox, folder: string, count: number): Promise<void> {
  const paths = pathsIn(folder)
  using state = openState(paths.stateFile)
  const vault = await openVault(paths.vault, testKey)
  const tools = { vault, state, world: realWorld }
  const { provider } = jobAt(sandbox.url, 10)
  if (provider.protocol !== 'fdx') throw new Error('expected an FDX provider')
  const tokens = tokenManager({ ...tools, provider })
  for (let person = 0; person < count; person++) {
    const { refreshToken, sub, scope: scopes } = sandbox.grant('v6', person)
    const grant = {
      kind: 'grant',
      generation: 0,
      refreshToken,
      accessToken: null,
      receivedAt: 0,
      expiresAt: 0,
    } as const
    const registration = { provider, subject: sub, label: '', scopes, consentDays: 90 }
    await tokens.accessToken(await register(tools, registration, newGrant(grant)))
  }
}

/** Columns that say when and by which run a row came. */
const ofTheRun = ['run_id', 'page_id', 'pull_id', 'first_seen_at', 'last_seen_at']

export async function compare(one: string, other: string) {
  const [left, right] = [await rowsIn(one), await rowsIn(other)]
  const names = [...new Set([...left.keys(), ...right.keys()])].sort()
  const different = names.filter(
    (name) => JSON.stringify(left.get(name)) !== JSON.stringify(right.get(name)),
  )
  return { different, rows: [...left.values()].reduce((sum, rows) => sum + rows.length, 0) }
}

/** Rows of each table, sorted, without what is of the run. */
async function rowsIn(folder: string): Promise<Map<string, readonly unknown[]>> {
  using generation = await openCurrent(pathsIn(folder))
  const { rows: tables } = await generation.query(
    `select table_schema || '.' || table_name, list(column_name)::varchar[]::json::varchar
     from information_schema.columns where table_schema = 'fdx' group by all order by 1`,
  )
  const found = new Map<string, readonly unknown[]>()
  for (const [name, columns] of tables) {
    const kept = (JSON.parse(String(columns)) as string[]).filter((one) => !ofTheRun.includes(one))
    const list = kept.map((one) => `"${one}"`).join()
    const { rows } = await generation.query(
      `select to_json(struct_pack(${kept.map((one) => `"${one}" := "${one}"`).join()}))::varchar as row
       from (select ${list} from ${String(name)}) order by 1`,
    )
    found.set(String(name), rows)
  }
  return found
}

/** Numbers in [0, 1) that follow from the seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** What must hold of a result, each with whether it does. */
function verdicts({ undisturbed, killedAt, requests, different, rows }: KillResult) {
  const each = 0.02 * undisturbed
  const allowed = Math.floor(undisturbed + each * killedAt.length)
  return {
    'the tables have rows': rows > 0,
    'every table is that of the undisturbed run': different.length === 0,
    [`no more than ${allowed} requests`]: requests <= allowed,
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, seed: { type: 'string' } },
  })
  const seed = Number(values.seed ?? randomInt(2 ** 31))
  const result = await killAgainAndAgain({ ...sizes[values.quick ? 'quick' : 'full'], seed })
  const column = (name: string, type: string) => ({ name, type })
  const facts = [
    ['seed', seed],
    ['requests, undisturbed', result.undisturbed],
    ['requests, killed', result.requests],
    ['killed after requests', result.killedAt.join(' ')],
    ['rows compared', result.rows],
    ['tables that differ', result.different.join(' ') || 'none'],
  ]
  const columns = [column('what', 'VARCHAR'), column('seen', 'VARCHAR')]
  const checks = Object.entries(verdicts(result))
  const failed = checks.filter(([, holds]) => !holds)
  process.stdout.write(asTable({ columns, rows: facts.map((row) => row.map(String)) }))
  for (const [what] of failed) process.stdout.write(`FAILED ${what}\n`)
  process.stdout.write(`${checks.length - failed.length} passed, ${failed.length} failed\n`)
  process.exitCode = failed.length === 0 ? 0 : 1
}
