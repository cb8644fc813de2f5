import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { dueRuns, noteSchedule } from '../../../src/state/due-runs.ts'
import { lastRuns } from '../../../src/state/runs.ts'
import { type Flow, openFlow } from '../../support/flow.ts'
import { startServe, until } from '../../support/serve.ts'
import { type SlowProxy, slowProxy } from '../../support/slow-proxy.ts'

const people = 3
/** Nothing may take longer between a SIGTERM and the end of the process. */
const longestMs = 25_000

let sandbox: Sandbox
let proxy: SlowProxy
let flow: Flow
async function setUp(transactions: number): Promise<void> {
  sandbox = await startSandbox({
    ...{ port: 0, connections: people, accounts: 2, transactions },
    accessTokenSeconds: 3_600,
    graceSeconds: 600,
  })
  proxy = await slowProxy(sandbox.url)
  flow = await openFlow(sandbox)
  for (let person = 0; person < people; person++) await flow.connect('v6', person)
  // The pipeline has been known since yesterday: the first tick finds a run that was missed.
  const { pipeline } = flow.job('v6')
  const { name, schedule: line = '', timeZone } = pipeline
  noteSchedule(flow.state, { pipeline: name, line, timeZone }, Date.now() - 86_400_000, 0)
}
async function tearDown(): Promise<void> {
  flow[Symbol.dispose]()
  await proxy[Symbol.asyncDispose]()
  await sandbox[Symbol.asyncDispose]()
}
beforeEach(() => setUp(600))
afterEach(tearDown)

const serve = () =>
  startServe({ ...flow.env, FDX_SANDBOX_URL: proxy.url }, ['--only', 'schedule,load'])
const dues = () => dueRuns(flow.state, 'sandbox-v6-nightly', 10)

async function rows(): Promise<{ transactions: number; pages: number; loadedPages: number }> {
  using generation = await openCurrent(flow.paths)
  const [row] = (
    await generation.query(
      `select (select count(*) from fdx.transactions), (select count(*) from ops.pages),
              (select count(distinct page_id) from ops.pages)`,
    )
  ).rows
  return { transactions: Number(row?.[0]), pages: Number(row?.[1]), loadedPages: Number(row?.[2]) }
}

/** What the sandbox really has. */
const truth = () =>
  Array.from({ length: people }, (_, person) => sandbox.truth('v6', person).accounts)
    .flat()
    .reduce((sum, account) => sum + account.transactions.length, 0)

/** A new process makes up for the run, and then everything is there once. */
async function afterwards(attempts: number): Promise<void> {
  proxy.hold = () => 0
  await using serving = await serve()
  await until(() => dues()[0]?.status === 'done', 60)
  expect(dues()).toHaveLength(1)
  expect(dues()[0]?.attempts).toBe(attempts)
  expect(lastRuns(flow.state, 10)).toHaveLength(1) // the same run went on
  const found = await rows()
  expect(found).toEqual({ transactions: truth(), pages: found.pages, loadedPages: found.pages })
  expect(await serving.stop()).toMatchObject({ exit: 0 })
}

test('SIGTERM while pages come: out in time, and the next process goes on with the same run', async () => {
  proxy.hold = (path) => (path.includes('/transactions') ? 1_500 : 0)
  await using serving = await serve()
  await until(() => proxy.held().some((path) => path.includes('/transactions')), 60)
  const { exit, ms } = await serving.stop()
  expect(exit).toBe(0)
  expect(ms).toBeLessThan(longestMs)
  expect(dues()).toMatchObject([{ status: 'taken', ended_at: null }])
  expect(lastRuns(flow.state, 1)).toMatchObject([{ status: 'stopped' }])
  await afterwards(2)
})

test('SIGTERM during refreshes: they finish, and no token is lost', async () => {
  proxy.hold = (path) => (path.includes('/token') ? 3_000 : 0)
  await using serving = await serve()
  await until(() => proxy.held().some((path) => path.includes('/token')), 60)
  const { exit, ms } = await serving.stop()
  expect(exit).toBe(0)
  expect(ms).toBeGreaterThan(1_000) // it did wait for them
  expect(ms).toBeLessThan(longestMs)
  await afterwards(2)
  const states = flow.state.db.prepare('select distinct state from connections').all()
  expect(states).toEqual([{ state: 'active' }])
})

test('SIGTERM during a load: it commits or rolls back, and the next process loads the rest', async () => {
  await using serving = await serve()
  const sealed = flow.state.db.prepare('select count(*) as n from segments where sealed = 1')
  await until(() => Number(sealed.get()?.['n']) > 0 && existsSync(flow.paths.scratch), 60)
  const { exit, ms } = await serving.stop()
  expect(exit).toBe(0)
  expect(ms).toBeLessThan(longestMs)
  expect(existsSync(`${flow.paths.warehouse}.wal`)).toBe(false)
  await using next = await serve()
  await until(() => dues()[0]?.status === 'done', 60)
  expect(await rows()).toMatchObject({ transactions: truth() })
  expect(await next.stop()).toMatchObject({ exit: 0 })
})

/** `fdx serve` with the part that is tried, or one `fdx run`, as a process with its log. */
const commands = {
  'fdx serve': serve,
  'fdx run': async () => {
    const child = spawn(process.execPath, ['src/fdx.js', 'run', 'sandbox-v6-nightly'], {
      env: { PATH: process.env['PATH'] ?? '', ...flow.env, FDX_SANDBOX_URL: proxy.url },
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    const ended = new Promise<number | string>((done) =>
      child.on('close', (code, signal) => done(signal ?? code ?? -1)),
    )
    return { child, ended, [Symbol.asyncDispose]: async () => void child.kill('SIGKILL') }
  },
} as const

const typedKeys = <T extends object>(of: T) => Object.keys(of) as (keyof T)[]
const readdirIfAny = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])

/** How far it is when the signals come. What the first one waits for takes longer than the second one is away. */
const moments = {
  'during refreshes': {
    hold: (path: string) => (path.includes('/token') ? 6_000 : 0),
    isThere: () => proxy.held().some((path) => path.includes('/token')),
  },
  'while pages come': {
    hold: (path: string) => (path.includes('/transactions') ? 6_000 : 0),
    isThere: () => proxy.held().some((path) => path.includes('/transactions')),
  },
  'during a load': {
    hold: () => 0,
    isThere: () => readdirIfAny(flow.paths.scratch).some((name) => name.startsWith('batch-')),
  },
} as const

/** Both commands at every moment (`npm run test:exam`); else one, when there is most to lose. */
const cases =
  process.env['FDX_EXAM'] === 'whole'
    ? typedKeys(moments).flatMap((moment) =>
        typedKeys(commands).map((command) => [command, moment] as const),
      )
    : ([['fdx serve', 'during refreshes']] as const)

test.each(cases)(
  'SIGTERM twice, %s %s: at once (SIGKILL, 137 to a shell), and nothing is lost by it',
  async (command, moment) => {
    if (moment === 'during a load') {
      await tearDown()
      await setUp(5_000)
    }
    proxy.hold = moments[moment].hold
    await using one = await commands[command]()
    const { child, ended } = one
    await until(moments[moment].isThere, 60)
    child.kill('SIGTERM')
    // Time to note the first signal, but not to do what it asks. Signals that come together are one.
    await sleep(20)
    child.kill('SIGSTOP')
    await sleep(1_000)
    const from = performance.now()
    child.kill('SIGTERM')
    child.kill('SIGCONT')
    const exit = await ended
    expect(performance.now() - from).toBeLessThan(2_000)
    // A run that only waits for a page has nothing to finish: the first signal may have ended it already.
    if (command === 'fdx serve' || moment !== 'while pages come') expect(exit).toBe('SIGKILL')

    proxy.hold = () => 0
    await using next = await serve()
    await until(() => dues()[0]?.status === 'done', 60)
    const found = await rows()
    expect(found).toEqual({ transactions: truth(), pages: found.pages, loadedPages: found.pages })
    const states = flow.state.db.prepare('select distinct state from connections').all()
    expect(states).toEqual([{ state: 'active' }])
    expect(await next.stop()).toMatchObject({ exit: 0 })
  },
)

test('kill -9: the due time stays open, and the next process takes it up', async () => {
  proxy.hold = (path) => (path.includes('/transactions') ? 3_000 : 0)
  await using serving = await serve()
  await until(() => proxy.held().some((path) => path.includes('/transactions')), 60)
  serving.child.kill('SIGKILL')
  await serving.ended
  expect(dues()).toMatchObject([{ status: 'taken', ended_at: null, attempts: 1 }])
  await afterwards(2)
})
