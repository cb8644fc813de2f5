import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Provider } from '../../../src/config/provider.ts'
import { listedNotOk, runPipeline } from '../../../src/extract/pipeline-run.ts'
import { planPipeline } from '../../../src/extract/plan.ts'
import { openSegments } from '../../../src/land/segments.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { setConnectionState } from '../../../src/state/connections.ts'
import { runConnections } from '../../../src/state/runs.ts'
import { filesFolder } from '../../../src/state/statement-files.ts'
import { realWorld, type World } from '../../../src/world.ts'
import {
  connect,
  dataFolder,
  fdxProvider,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'
import { sandboxProvider, sandboxToken } from '../../support/extract-sandbox.ts'

let box: Sandbox
beforeAll(async () => {
  box = await startSandbox({ port: 0, connections: 8, accounts: 2, transactions: 10 })
})
afterEach(() => box.behave())
afterAll(() => box[Symbol.asyncDispose]())

type Data = ReturnType<typeof dataFolder>

/** One run over everybody who is connected; people are told apart by their connection's number. */
async function runOnce(
  data: Data,
  provider: Provider,
  more: {
    onlyFailed?: boolean
    signal?: AbortSignal
    tokens?: Map<string, () => Promise<string>>
    world?: World
  } = {},
) {
  await using segments = await openSegments({ ...data, world: realWorld })
  const ended: string[] = []
  const report = await runPipeline(
    { pipeline: pipeline(), provider },
    {
      state: data.state,
      world: realWorld,
      signal: new AbortController().signal,
      land: segments.land,
      files: filesFolder(data.paths),
      credentialsOf: async ({ id }) => ({
        token: more.tokens?.get(id) ?? (async () => 'token'),
        loginId: undefined,
      }),
      watch: {
        extracting: () => {},
        connectionEnded: (_, { connectionId }) => ended.push(connectionId),
        unreachable: () => {},
      },
      ...more,
    },
  )
  return { ...report, asked: ended.sort() }
}

function people(data: Data, provider: Provider, count: number) {
  const ids = Array.from({ length: count }, (_, person) => `c${person}`)
  for (const id of ids) connect(data.state, provider, id)
  return new Map(ids.map((id, person) => [id, sandboxToken(box, 'v6', person)]))
}

test('--failed asks only those whose last run did not end ok', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'v6')
  const tokens = people(data, provider, 4)
  box.misbehave({
    name: 'server_error',
    provider: 'v6',
    person: 2,
    times: 1_000,
    endpoint: 'accounts',
  })
  const first = await runOnce(data, provider, { tokens })
  expect(first).toMatchObject({
    ended: { ok: 3, failed: 1 },
    notOk: [{ connectionId: 'c2', code: 'PROVIDER_DOWN' }],
  })
  box.behave()
  const again = await runOnce(data, provider, { tokens, onlyFailed: true })
  expect(again).toMatchObject({ asked: ['c2'], ended: { ok: 1 } })
  expect((await runOnce(data, provider, { tokens, onlyFailed: true })).asked).toEqual([])
  expect((await runOnce(data, provider, { tokens })).asked).toHaveLength(4)
})

test('a run that was stopped goes on as the same run, and asks nobody twice who was done', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'v6', { pace: { concurrency: 1 } })
  const tokens = people(data, provider, 4)
  const total = (await whole(provider)).requests
  const stop = new AbortController()
  const third = tokens.get('c2')
  tokens.set('c2', async () => {
    stop.abort()
    return (await third?.()) ?? ''
  })
  const first = await runOnce(data, provider, { tokens, signal: stop.signal })
  expect(first.ended).toMatchObject({ ok: 2 })
  if (third) tokens.set('c2', third)
  const second = await runOnce(data, provider, { tokens })
  expect(second).toMatchObject({ runId: first.runId, asked: ['c2', 'c3'], ended: { ok: 4 } })
  expect(second.requests).toBeLessThanOrEqual(total + 1)
  const third2 = await runOnce(data, provider, { tokens })
  expect(third2.runId).not.toBe(first.runId)
  expect(third2.asked).toHaveLength(4)
})

async function whole(provider: Provider) {
  using data = dataFolder()
  return await runOnce(data, provider, { tokens: people(data, provider, 4) })
}

test('the plan sends nothing, and says no more than what is then asked', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'v6', { pace: { requestsPerSecond: 2_000 } })
  const tokens = people(data, provider, 3)
  setConnectionState(data.state, 'c2', 'reauth', 'gone', new Date().toISOString())
  const plan = () =>
    planPipeline(
      { pipeline: pipeline(), provider },
      { state: data.state, world: realWorld, onlyFailed: false },
    )
  const before = JSON.stringify(box.requests())
  expect(plan()).toMatchObject({
    connections: 2,
    waiting: 1,
    resumes: false,
    requestsAtLeast: 4,
    requests: { customers: 2, accounts: 2 },
  })
  expect(JSON.stringify(box.requests())).toBe(before)
  const { requests } = await runOnce(data, provider, { tokens })
  expect(requests).toBeGreaterThanOrEqual(4)
  const { requestsAtLeast, secondsAtLeast } = plan()
  expect(requestsAtLeast).toBeGreaterThan(4)
  expect(secondsAtLeast).toBe(Math.ceil(requestsAtLeast / 2_000))
  expect((await runOnce(data, provider, { tokens })).requests).toBeGreaterThanOrEqual(
    requestsAtLeast,
  )
})

test('the plan of a run that was stopped counts only what is left of it', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'v6')
  const tokens = people(data, provider, 1)
  const plan = () =>
    planPipeline(
      { pipeline: pipeline(), provider },
      { state: data.state, world: realWorld, onlyFailed: false },
    )
  const stop = new AbortController()
  const token = tokens.get('c0')
  let asked = 0
  tokens.set('c0', async () => {
    if (++asked === 4) stop.abort()
    return (await token?.()) ?? ''
  })
  await runOnce(data, provider, { tokens, signal: stop.signal })
  const left = plan()
  expect(left).toMatchObject({ connections: 1, resumes: true })
  expect(left.requests).not.toHaveProperty('customers')
  expect(left.requests).not.toHaveProperty('accounts')
  if (token) tokens.set('c0', token)
  const before = JSON.stringify(box.requests())
  expect(plan()).toEqual(left)
  expect(JSON.stringify(box.requests())).toBe(before)
  expect((await runOnce(data, provider, { tokens })).ended).toEqual({ ok: 1 })
  expect(plan().requestsAtLeast).toBeGreaterThan(left.requestsAtLeast)
})

test('a report lists the first who did not end well, and counts all', async () => {
  await using bank = await serve((_request, response) => sendJson(response, { code: 401 }, 400))
  using data = dataFolder()
  const provider = fdxProvider(bank.url)
  const count = listedNotOk + 20
  for (let i = 0; i < count; i++) connect(data.state, provider, `c${i}`)
  const report = await runOnce(data, provider)
  expect(report.notOk).toHaveLength(listedNotOk)
  expect(Object.values(report.ended).reduce((sum, some) => sum + some, 0)).toBe(count)
  expect(runConnections(data.state, report.runId)).toHaveLength(count)
})

test('a provider that is down for two minutes costs few connections, and no token in vain', async () => {
  using data = dataFolder()
  const answer = (request: IncomingMessage, response: ServerResponse) =>
    sendJson(response, request.url?.startsWith('/accounts') ? { accounts: [] } : {})
  const before = await serve(answer)
  const { url } = before
  await before[Symbol.asyncDispose]()
  const provider = fdxProvider(url, { pace: { concurrency: 4, attempts: 1 } })
  const ids = Array.from({ length: 40 }, (_, n) => `c${n}`)
  for (const id of ids) connect(data.state, provider, id)
  let inVain = 0
  const token = async () => {
    if (!back.listening) inVain++
    return 'token'
  }
  // What is waited passes at once; after two minutes somebody listens where nobody did.
  await using back = createServer(answer)
  let later = 0
  const world: World = {
    ...realWorld,
    now: () => Date.now() + later,
    async sleep(ms, signal) {
      later += ms
      if (later > 120_000 && !back.listening) {
        back.listen(Number(new URL(url).port), '127.0.0.1')
        await once(back, 'listening')
      }
      await realWorld.sleep(1, signal)
    },
  }
  const tokens = new Map(ids.map((id) => [id, token]))
  const report = await runOnce(data, provider, { world, tokens })
  const { ok = 0, failed = 0 } = report.ended
  expect(ok + failed).toBe(40)
  expect(failed).toBeLessThan(25)
  expect(inVain).toBeLessThan(15)
})

test('an hour that a provider asks for is kept by the rest of the run and by the next', async () => {
  let isBusy = true
  await using bank = await serve((request, response) => {
    if (isBusy) return void response.writeHead(429, { 'retry-after': '3600' }).end()
    sendJson(response, request.url?.startsWith('/accounts') ? { accounts: [] } : {})
  })
  using data = dataFolder()
  const provider = fdxProvider(bank.url, { pace: { concurrency: 1 } })
  const ids = Array.from({ length: 20 }, (_, n) => `c${n}`)
  for (const id of ids) connect(data.state, provider, id)
  let spent = 0
  const token = async () => {
    spent++
    return 'token'
  }
  const tokens = new Map(ids.map((id) => [id, token]))
  expect((await runOnce(data, provider, { tokens })).ended).toEqual({ failed: 20 })
  expect([bank.asked.length, spent]).toEqual([2, 2])
  isBusy = false
  const next = await runOnce(data, provider, { tokens })
  expect(next.ended).toEqual({ failed: 20 })
  expect(next.notOk[0]).toMatchObject({ code: 'RATE_LIMITED', requests: 0 })
  expect([bank.asked.length, spent]).toEqual([2, 2])
  const world: World = { ...realWorld, now: () => Date.now() + 3_601_000 }
  expect((await runOnce(data, provider, { tokens, world })).ended).toEqual({ ok: 20 })
})

test('an only connection speaks for itself; nobody is left alone for more than a day', async () => {
  await using bank = await serve((_, response) =>
    response.writeHead(429, { 'retry-after': '999999999' }).end(),
  )
  using data = dataFolder()
  const provider = fdxProvider(bank.url)
  connect(data.state, provider, 'c0')
  const at = (ms: number) => ({ world: { ...realWorld, now: () => Date.now() + ms } })
  for (const ms of [0, 80_000_000, 86_500_000]) await runOnce(data, provider, at(ms))
  expect(bank.asked).toHaveLength(2)
})
