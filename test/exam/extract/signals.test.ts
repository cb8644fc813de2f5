import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { type Flow, openFlow, type SandboxProvider } from '../../support/flow.ts'

/** Passes everything on to the sandbox; token requests only after so many milliseconds. */
async function slowTokens(sandbox: Sandbox, ms: number) {
  const tokens = { asked: 0 }
  const proxy = createServer(async (from, to) => {
    if (from.url?.endsWith('/token')) {
      tokens.asked++
      await sleep(ms)
    }
    const { method, headers } = from
    const onward = request(sandbox.url + from.url, { method, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(to)
    })
    onward.on('error', () => to.destroy())
    from.pipe(onward)
  })
  await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    tokens,
    [Symbol.dispose]() {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

/** Makes src/fdx.js start its child, as it does on a Node that is too old for the program. */
const asOnOldNode = [
  '--import',
  `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } })`,
]

function startFdx(flow: Flow, what: SandboxProvider, url: string, node: readonly string[] = []) {
  const child = spawn(process.execPath, [...node, 'src/fdx.js', 'run', `sandbox-${what}-nightly`], {
    env: { PATH: process.env['PATH'] ?? '', ...flow.env, FDX_SANDBOX_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said: string[] = []
  child.stderr.on('data', (part: Buffer) => said.push(part.toString()))
  return { child, said: () => said.join('') }
}

const dataAsked = (sandbox: Sandbox, of: 'v6') => {
  const { token: _token, ...data } = { token: 0, ...sandbox.requests()[of] }
  return Object.values(data).reduce((sum, count) => sum + Number(count), 0)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5)
}

/** How it ends, and after how many milliseconds from now. */
async function endOf(child: ChildProcess) {
  const from = performance.now()
  const [exit, signal] = (await once(child, 'close')) as [number | null, string | null]
  const code = exit ?? signal
  return { code, ms: performance.now() - from }
}

test('SIGTERM during paging, to the starter on an old Node: no further page; what came is kept, and the next run goes on', async () => {
  await using sandbox = await startSandbox({
    port: 0,
    accounts: 3,
    transactions: 600,
    pageSize: 3,
    accessTokenSeconds: 3_600,
  })
  using flow = await openFlow(sandbox)
  await flow.connect('v6', 0)
  const { child, said } = startFdx(flow, 'v6', sandbox.url, asOnOldNode)
  await until(() => dataAsked(sandbox, 'v6') >= 10)
  child.kill('SIGTERM')
  const end = await endOf(child)
  expect(end.ms).toBeLessThan(25_000)
  expect([end.code, said()]).toEqual([1, expect.stringContaining('stopped')])
  const before = dataAsked(sandbox, 'v6')
  await sleep(200)
  expect(dataAsked(sandbox, 'v6')).toBe(before)

  const next = await flow.run('v6')
  expect(next.extracted[0]?.ended).toEqual({ ok: 1 })
  // The second run counts as the first one going on: together they have asked for each page once, and for few twice.
  const { pages = 0 } = next.extracted[0] ?? {}
  expect(dataAsked(sandbox, 'v6') - pages).toBeLessThanOrEqual(10)
})

test('SIGTERM during a refresh: it finishes, the rotated token is kept, nothing else is asked for', async () => {
  await using sandbox = await startSandbox({
    port: 0,
    accounts: 1,
    transactions: 5,
    graceSeconds: 0,
  })
  using proxy = await slowTokens(sandbox, 1_500)
  using flow = await openFlow(sandbox)
  await flow.connect('v6', 0)
  const { child } = startFdx(flow, 'v6', proxy.url)
  await until(() => proxy.tokens.asked > 0)
  child.kill('SIGTERM')
  const end = await endOf(child)
  expect([end.code, end.ms < 25_000]).toEqual([1, true])
  expect([proxy.tokens.asked, dataAsked(sandbox, 'v6')]).toEqual([1, 0])
  // Had the new refresh token been lost, the old one would come again, and end the grant: there is no grace.
  expect((await flow.run('v6')).extracted[0]?.ended).toEqual({ ok: 1 })
})

test('SIGTERM during a load: it commits or rolls back, and the next run loads the rest', async () => {
  await using sandbox = await startSandbox({ port: 0, accounts: 4, transactions: 5_000 })
  using flow = await openFlow(sandbox)
  await flow.connect('v6', 0)
  const { child } = startFdx(flow, 'v6', sandbox.url)
  const loaderRuns = () => existsSync(`${flow.paths.warehouse}.wal`)
  await until(() => loaderRuns() || child.exitCode !== null)
  expect(child.exitCode).toBe(null)
  child.kill('SIGTERM')
  const end = await endOf(child)
  expect([end.code, end.ms < 25_000]).toEqual([1, true])
  expect(loaderRuns()).toBe(false)
  await flow.run('v6')
  using generation = await openCurrent(flow.paths)
  const { rows } = await generation.query('select count(*) from fdx.transactions')
  const truth = sandbox
    .truth('v6', 0)
    .accounts.reduce((sum, account) => sum + account.transactions.length, 0)
  expect(Number(rows[0]?.[0])).toBe(truth)
})

test('a second SIGTERM ends it at once, whatever it was waiting for', async () => {
  await using sandbox = await startSandbox({ port: 0, accounts: 1, transactions: 5 })
  using proxy = await slowTokens(sandbox, 15_000)
  using flow = await openFlow(sandbox)
  await flow.connect('v6', 0)
  const { child } = startFdx(flow, 'v6', proxy.url)
  await until(() => proxy.tokens.asked > 0)
  child.kill('SIGTERM')
  await sleep(1_000)
  expect(child.exitCode).toBe(null)
  child.kill('SIGTERM')
  const end = await endOf(child)
  expect(end.code).toBe('SIGKILL')
  expect(end.ms).toBeLessThan(5_000)
})
