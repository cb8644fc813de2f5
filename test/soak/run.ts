/**
 * The long run: `fdx serve` with everything on, a sandbox that misbehaves, a run every minute, three SQL clients. At its
 * end: no error that a reader saw, no growth, every minute's run once, and every row that the sandbox has.
 * `npm run test:soak -- [--minutes 30] [--seed TEXT]`
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { listPipelines } from '../../src/config/read.ts'
import type { Misbehaviour } from '../../src/sandbox/sandbox.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { saveUser } from '../../src/serve/sql-endpoint/auth/users.ts'
import { listConnections } from '../../src/state/connections.ts'
import { dueRuns } from '../../src/state/due-runs.ts'
import { openFlow, type SandboxProvider } from '../support/flow.ts'
import { startServe, until } from '../support/serve.ts'
import { type Readers, startReaders } from './readers.ts'
import { childOf, fewestFds, medianMemory, type Sample, sample } from './sample.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' } },
})
const minutes = Number(values.minutes ?? 30)
const seed = values.seed ?? String(Date.now() % 100_000)
/** Memory may grow so much between the end of the warm-up and the end. */
const mostGrowth = 0.1
/** What is open when nothing is under way may grow by so many file descriptors: none of a run's own. */
const mostFds = 2
/** The first ten minutes, or the first third of a shorter run. */
const warmSeconds = Math.min(600, (minutes * 60) / 3)
const windowSeconds = Math.min(180, (minutes * 60) / 6)
const sampleMs = 5_000

const people: Readonly<Record<SandboxProvider, readonly number[]>> = {
  outbound: [0, 1, 2],
  rotating: [0, 1],
  v6: [0, 1],
  flinks: [0],
}

/** Troubles that a run gets through: none changes what the truth is, or takes a grant for good. */
const troubles: readonly Misbehaviour[] = [
  { name: 'server_error', variant: '502_html', times: 2 },
  { name: 'server_error', times: 3 },
  { name: 'rate_limited', variant: 'seconds', times: 2 },
  { name: 'unauthorized_no_code', times: 1 },
  { name: 'cut_body', times: 2 },
  { name: 'unstable_order', times: 5 },
  { name: 'session_expired', provider: 'flinks', times: 1 },
  { name: 'retry_later', provider: 'flinks', times: 1 },
  { name: 'token_reset_before', times: 1 },
  { name: 'token_cut_body', provider: 'v6', times: 1 },
  { name: 'drip', endpoint: 'accounts', times: 1 },
  { name: 'huge_body', times: 1 },
  { name: 'repeated_cursor', times: 1 },
]

/** The same chances for the same seed. */
function chances(text: string) {
  let at = [...text].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 2_147_483_647, 7)
  return (below: number) => {
    at = (at * 48_271) % 2_147_483_647
    return at % below
  }
}

const say = (text: string) => process.stderr.write(`${text}\n`)
const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0)

/** The sandbox's day: all its data ends on it. */
const dayOfData = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'fdx-soak-'))
await using sandbox = await startSandbox({
  ...{ port: 0, seed, connections: 4, transactions: 120 },
  accessTokenSeconds: 90,
})
using flow = await openFlow(sandbox, folder)
for (const [provider, persons] of Object.entries(people) as [SandboxProvider, number[]][])
  for (const person of persons) await flow.connect(provider, person)
const password = `soak-${seed}-password`
await saveUser(flow.paths, { name: 'reader', role: 'owner', password })

const pipelines = join(folder, 'pipelines')
cpSync('pipelines', pipelines, { recursive: true })
for (const name of listPipelines(pipelines)) {
  const file = join(pipelines, `${name}.yaml`)
  const text = readFileSync(file, 'utf8').replace(/^schedule: .*$/m, "schedule: '* * * * *'")
  writeFileSync(file, text)
}
const env = { ...flow.env, FDX_PIPELINES_DIR: pipelines }

await using serving = await startServe(env, ['--sql-port', '0'])
const pid = serving.child.pid ?? 0
const sqlPid = childOf(pid, 'sql-child') ?? 0
const address = {
  host: '127.0.0.1',
  port: serving.sql?.port ?? 0,
  database: 'warehouse',
  user: 'reader',
  password,
}
say(`seed ${seed}; ${minutes} minutes; serve ${pid}, SQL endpoint ${sqlPid}; data in ${folder}`)

const published = async () => {
  const client = new pg.Client(address)
  try {
    await client.connect()
    const { rows } = await client.query('select count(*)::int as n from mart.transactions')
    return Number(rows[0]?.n) > 0
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
await until(published, 240)
const readers: Readers = startReaders(address)

const started = performance.now()
const seconds = () => (performance.now() - started) / 1_000
const chance = chances(seed)
const samples: Record<'serve' | 'sql', Sample[]> = { serve: [], sql: [] }
let told = 0
while (seconds() < minutes * 60) {
  await new Promise((soon) => setTimeout(soon, sampleMs))
  for (const [name, one] of [
    ['serve', pid],
    ['sql', sqlPid],
  ] as const) {
    const taken = sample(one, seconds())
    if (taken) samples[name].push(taken)
  }
  const trouble = troubles[chance(troubles.length)]
  if (trouble && chance(2) === 0) sandbox.misbehave(trouble)
  if (seconds() - told > 60) {
    told = seconds()
    const [serve, sql] = [samples.serve.at(-1), samples.sql.at(-1)]
    say(
      `${Math.round(told / 60)} min: serve ${megabytes(serve?.rss ?? 0)} MB ${serve?.fds} fds, sql ${megabytes(sql?.rss ?? 0)} MB ${sql?.fds} fds, ${readers.queries()} queries, ${readers.errors.length} errors`,
    )
  }
}

// An undisturbed round: then everything that is true has been seen.
sandbox.behave()
const calm = Date.now()
const names = Object.keys(people).map((name) => `sandbox-${name}-nightly`)
const calmRuns = () =>
  names.every(
    (name) =>
      dueRuns(flow.state, name, 5).filter(
        ({ due_at, status }) => Date.parse(due_at) > calm && status === 'done',
      ).length >= 1,
  )
await until(calmRuns, 900)
await readers.stop()

const client = new pg.Client(address)
await client.connect()
const count = async (sql: string) => Number((await client.query(sql)).rows[0]?.n)
const found = {
  fdxTransactions: await count('select count(*)::int as n from fdx.transactions'),
  fdxAccounts: await count('select count(*)::int as n from fdx.accounts'),
  flinksTransactions: await count('select count(*)::int as n from flinks.transactions'),
  flinksAccounts: await count('select count(*)::int as n from flinks.accounts'),
  twice: await count(
    'select count(*)::int as n from (select provider, connection_id, account_id, transaction_key from fdx.transactions group by all having count(*) > 1)',
  ).catch(() => -1),
}
await client.end()
const truthOf = (provider: SandboxProvider) =>
  people[provider].flatMap((person) => sandbox.truth(provider, person).accounts)
const fdx = (['outbound', 'rotating', 'v6'] as const).flatMap(truthOf)
const flinks = truthOf('flinks')
const rowsOf = (accounts: typeof fdx) =>
  accounts.reduce((sum, { transactions }) => sum + transactions.length, 0)
/** Flinks gives what was posted in the 365 days before today, no more (DaysOfTransactions). */
const firstDay = new Date(dayOfData - 365 * 86_400_000).toISOString().slice(0, 10)
const flinksGives = flinks.map((account) => ({
  ...account,
  transactions: account.transactions.filter(
    ({ status, fields }) =>
      status === 'POSTED' && String(fields['postedTimestamp']).slice(0, 10) >= firstDay,
  ),
}))
const truth = {
  fdxTransactions: rowsOf(fdx),
  fdxAccounts: fdx.length,
  flinksTransactions: rowsOf(flinksGives),
  flinksAccounts: flinks.length,
}

const growth = (name: 'serve' | 'sql') => {
  const end = samples[name].at(-1)?.at ?? 0
  const before = medianMemory(samples[name], warmSeconds, warmSeconds + windowSeconds)
  const after = medianMemory(samples[name], end - windowSeconds, end)
  const fds = [
    fewestFds(samples[name], warmSeconds, warmSeconds + windowSeconds),
    fewestFds(samples[name], end - windowSeconds, end),
  ] as const
  return { before, after, ratio: after / before - 1, fds }
}
const grown = { serve: growth('serve'), sql: growth('sql') }
const dues = names.flatMap((name) => dueRuns(flow.state, name, 10_000))
const lost = listConnections(flow.state).filter(({ state }) => state !== 'active')
const faults = serving.lines().filter(({ level }) => level === 'error')
const stop = await serving.stop()

const verdicts: readonly (readonly [what: string, holds: boolean, seen: string])[] = [
  [
    'no error was seen by readers',
    readers.errors.length === 0,
    `${readers.queries()} queries, ${readers.errors.length} errors ${readers.errors.slice(0, 3).join(' | ')}`,
  ],
  ...(['serve', 'sql'] as const).flatMap((name) => {
    const { before, after, ratio, fds } = grown[name]
    return [
      [
        `memory of ${name} grew by at most ${mostGrowth * 100} %`,
        ratio <= mostGrowth,
        `${megabytes(before)} MB → ${megabytes(after)} MB (${(ratio * 100).toFixed(1)} %)`,
      ],
      [
        `file descriptors of ${name} did not grow`,
        fds[1] <= fds[0] + mostFds,
        `${fds[0]} → ${fds[1]}`,
      ],
    ] as const
  }),
  ['the SQL endpoint never died', sqlPid === childOfEnd(), `${sqlPid}`],
  [
    'every due run ended',
    dues.every(({ status }) => status === 'done'),
    `${dues.length} due runs, ${dues.filter(({ status }) => status === 'failed').length} failed`,
  ],
  [
    'no connection was lost',
    lost.length === 0,
    lost.map(({ id, reason }) => `${id}: ${reason}`).join(', '),
  ],
  ...(Object.keys(truth) as (keyof typeof truth)[]).map(
    (name) =>
      [
        `${name} are the sandbox’s`,
        found[name] === truth[name],
        `${found[name]} of ${truth[name]}`,
      ] as const,
  ),
  [
    'no fault in the log',
    faults.length === 0,
    faults
      .slice(0, 3)
      .map((one) => JSON.stringify(one))
      .join(' '),
  ],
  [
    'it stopped in time',
    stop.exit === 0 && stop.ms < 25_000,
    `exit ${stop.exit} after ${(stop.ms / 1_000).toFixed(1)} s`,
  ],
]

function childOfEnd(): number | undefined {
  return samples.sql.length === samples.serve.length ? sqlPid : undefined
}

for (const [what, holds, seen] of verdicts)
  process.stdout.write(`${holds ? 'ok  ' : 'FAIL'}  ${what}: ${seen}\n`)
const failed = verdicts.filter(([, holds]) => !holds).length
process.stdout.write(`seed ${seed}: ${verdicts.length - failed} passed, ${failed} failed\n`)
if (failed === 0) rmSync(folder, { recursive: true, force: true })
else say(`kept for a look: ${folder}`)
process.exitCode = failed === 0 ? 0 : 1
