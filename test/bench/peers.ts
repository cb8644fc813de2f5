import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Grant } from '../../src/connect/vault.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../src/serve/generation.ts'
import { listConnections } from '../../src/state/connections.ts'
import { type Flow, openFlow } from '../support/flow.ts'
import type { BenchResult } from './bench.ts'

const people = 6
const execute = promisify(execFile)

/** What one program did: how long, with how much memory, and the amount of each transaction, by account and id. */
interface Pull {
  readonly ms: number
  readonly kB: number
  readonly amounts: ReadonlyMap<string, string>
}

/**
 * The same accounts and transactions of one sandbox, pulled by `fdx run` and by dlt (into Parquet files and DuckDB, money
 * declared as decimal): rows a second, memory, amounts that are not what the bank said. Needs a Python index for dlt.
 */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-peers-'))
  try {
    const python = await dltIn(folder)
    if (python === undefined) return skipped
    await using sandbox = await startSandbox({
      ...{ port: 0, connections: people, accounts: 4, transactions: 2_000 },
      accessTokenSeconds: 86_400,
    })
    using flow = await openFlow(sandbox, folder)
    const ours = await pullWithFdx(flow, folder)
    const theirs = await pullWithDlt(flow, folder, python)
    return compare(truthOf(sandbox), ours, theirs)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const skipped: BenchResult = {
  ratios: {},
  goals: {},
  seen: { skipped: 'pip could not install dlt[duckdb]: no Python index that has it is reachable' },
}

/** A Python that has dlt, in an environment of its own; undefined where it cannot be installed. */
async function dltIn(folder: string): Promise<string | undefined> {
  const home = join(folder, 'python')
  const python = join(home, 'bin', 'python')
  try {
    await execute('python3', ['-m', 'venv', home])
    const install = ['-m', 'pip', 'install', '--quiet', '--retries', '1', 'dlt[duckdb]']
    await execute(python, install, { timeout: 300_000 })
    return python
  } catch {
    return undefined
  }
}

async function pullWithFdx(flow: Flow, folder: string): Promise<Pull> {
  for (let person = 0; person < people; person++) await flow.connect('outbound', person)
  const pipelines = join(folder, 'pipelines')
  cpSync('pipelines', pipelines, { recursive: true })
  const provider = join(pipelines, 'providers', 'sandbox-outbound.yaml')
  const text = readFileSync(provider, 'utf8')
  writeFileSync(provider, text.replace(/requestsPerSecond: \d+/, 'requestsPerSecond: 10000'))
  const env = { ...flow.env, FDX_PIPELINES_DIR: pipelines }
  const args = ['src/fdx.js', 'run', 'sandbox-outbound-nightly']
  const spent = await watched(process.execPath, args, env)
  using generation = await openCurrent(flow.paths)
  const { rows } = await generation.query(
    'select account_id, transaction_id, amount::varchar from fdx.transactions',
  )
  return {
    ...spent,
    amounts: new Map(rows.map(([account, id, amount]) => [`${account} ${id}`, String(amount)])),
  }
}

async function pullWithDlt(flow: Flow, folder: string, python: string): Promise<Pull> {
  const { provider } = flow.job('outbound')
  // fdx has just refreshed them.
  const grants = await Promise.all(
    listConnections(flow.state).map(({ id }) => flow.vault.read(id) as Promise<Grant>),
  )
  const tokens = grants.map(({ accessToken }) => `${accessToken}\n`)
  writeFileSync(join(folder, 'tokens'), tokens.join(''))
  const script = join(import.meta.dirname, 'peers', 'dlt_pull.py')
  const spent = await watched(python, [script, provider.baseUrl, folder], {})
  const lines = readFileSync(join(folder, 'amounts'), 'utf8').trimEnd().split('\n')
  return {
    ...spent,
    amounts: new Map(lines.map((line) => line.split('\t') as [string, string])),
  }
}

/** Runs a program to its end, and asks the kernel for the most memory that it had. */
async function watched(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Pick<Pull, 'ms' | 'kB'>> {
  const from = performance.now()
  const child = spawn(program, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const status = `/proc/${child.pid}/status`
  let kB = 0
  const timer = setInterval(() => {
    const found = existsSync(status) && /VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))
    if (found) kB = Number(found[1])
  }, 20)
  const [code] = await once(child, 'exit')
  clearInterval(timer)
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}`)
  return { ms: performance.now() - from, kB }
}

/** Amount of each transaction, as the bank has it. */
function truthOf(sandbox: Sandbox): Map<string, string> {
  const accounts = Array.from(
    { length: people },
    (_, person) => sandbox.truth('outbound', person).accounts,
  ).flat()
  return new Map(
    accounts.flatMap(({ accountId, transactions }) =>
      transactions.map(({ transactionId, amount }) => [`${accountId} ${transactionId}`, amount]),
    ),
  )
}

function compare(truth: ReadonlyMap<string, string>, ours: Pull, theirs: Pull): BenchResult {
  const wrong = ({ amounts }: Pull) =>
    [...truth].filter(([id, amount]) => plain(amounts.get(id)) !== plain(amount)).length
  const perSecond = ({ ms }: Pull) => (truth.size * 1_000) / ms
  const told = (pull: Pull) =>
    `${perSecond(pull).toFixed(0)} rows/s, at most ${(pull.kB / 1_024).toFixed(0)} MiB, ${wrong(pull)} of ${truth.size} amounts wrong or missing`
  return {
    ratios: {
      rows_per_second: perSecond(ours) / perSecond(theirs),
      memory: ours.kB / theirs.kB,
      wrong_amounts: wrong(ours),
    },
    goals: { rows_per_second: { atLeast: 1 }, wrong_amounts: { atMost: 0 } },
    seen: { fdx: told(ours), dlt: told(theirs) },
  }
}

/** `12.340000000` and `12.34` are the same amount. */
const plain = (amount: string | undefined) =>
  amount?.includes('.') ? amount.replace(/\.?0+$/, '') : amount
