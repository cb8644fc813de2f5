import { createServer } from 'node:http'
import { type AddressInfo, createConnection } from 'node:net'
import { fetch } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { webhookSignature } from '../../../src/sandbox/webhook.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import type { State } from '../../../src/state/state.ts'
import { type Flow, openFlow } from '../../support/flow.ts'
import { type Serving, startServe, until } from '../../support/serve.ts'

let sandbox: Sandbox
let flow: Flow
let serving: Serving
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, connections: 4, accounts: 1, transactions: 20 })
  flow = await openFlow(sandbox)
  await flow.connect('flinks', 0)
  serving = await startServe(flow.env, ['--only', 'webhooks,load,metrics'])
})
afterAll(async () => {
  await serving[Symbol.asyncDispose]()
  flow[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

const address = () => `${serving.url}/webhooks/sandbox-flinks`
const count = (state: State, table: string) =>
  Number(state.db.prepare(`select count(*) as n from ${table}`).get()?.['n'])
const taken = () => [count(flow.state, 'webhooks'), count(flow.state, 'segments')]
const logged = () => serving.lines().filter(({ msg }) => String(msg).startsWith('webhook')).length

async function post(body: string | Buffer, headers: Record<string, string>): Promise<number> {
  const response = await fetch(address(), { method: 'POST', body, headers })
  expect(await response.text()).toBe('') // nobody is told why
  return response.status
}
const signed = (body: string, secret?: string) => ({
  'content-type': 'application/json',
  'flinks-authenticity-key': webhookSignature(body, secret),
})
const body = JSON.stringify({
  ResponseType: 'GetAccountsDetail',
  HttpStatusCode: 200,
  Login: { Id: '00000000-0000-0000-0000-000000000000' },
  RequestId: 'r-1',
  Accounts: [],
})

test.each<[string, number, () => Promise<number>]>([
  ['without a signature', 401, () => post(body, {})],
  ['with a forged signature', 401, () => post(body, signed(body, 'a-guess-of-somebody'))],
  ['with one byte changed', 401, () => post(body.replace('r-1', 'r-2'), signed(body))],
  ['with a signature that is none', 401, () => post(body, { 'flinks-authenticity-key': '§§§' })],
  ['signed, and no payload of Flinks', 400, () => post('{}', signed('{}'))],
  ['signed, and no JSON', 400, () => post('{', signed('{'))],
  [
    'of 20 MiB',
    413,
    () => post(Buffer.alloc(20 * 1024 * 1024, 32), { 'flinks-authenticity-key': 'x' }),
  ],
])(
  'a delivery %s is refused, changes nothing, and leaves one line',
  async (_name, status, send) => {
    const before = taken()
    const lines = logged()
    expect(await send()).toBe(status)
    await until(() => logged() === lines + 1)
    expect(taken()).toEqual(before)
    expect(serving.log()).not.toContain('r-1')
  },
)

test('an unknown provider, or one that is no Flinks, is 404', async () => {
  for (const name of ['sandbox-v6', 'nobody', '..%2f..%2fetc', 'a'.repeat(300)]) {
    const response = await fetch(`${serving.url}/webhooks/${name}`, { method: 'POST', body })
    expect([404, 414]).toContain(response.status)
    await response.text()
  }
})

/** What the sandbox sends of login 0, taken down on its way. */
async function delivery() {
  const seen = Promise.withResolvers<{ body: Buffer; headers: Record<string, string> }>()
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request))
    const signature = String(request.headers['flinks-authenticity-key'])
    seen.resolve({ body, headers: { 'flinks-authenticity-key': signature } })
    response.end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  await sandbox.webhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 0)
  server.close()
  return seen.promise
}

test('a true delivery is kept, loaded and published; its replay is refused', async () => {
  const { body, headers } = await delivery()
  expect(await post(body, headers)).toBe(200)
  await until(async () => {
    try {
      using generation = await openCurrent(flow.paths)
      const { rows } = await generation.query('select count(*) from flinks.accounts')
      return Number(rows[0]?.[0]) > 0
    } catch {
      return false
    }
  }, 40)
  const before = taken()
  expect(await post(body, headers)).toBe(401)
  expect(taken()).toEqual(before)
  const metrics = await (await fetch(`${serving.url}/metrics`)).text()
  expect(metrics).toMatch(/fdx_webhooks_total\{provider="sandbox-flinks",status="200"\} 1/)
  expect(metrics).toMatch(/fdx_webhooks_total\{provider="sandbox-flinks",status="413"\} 1/)
})

test('bodies that stop half-way hold nobody up, and are given up', async () => {
  const { hostname, port } = new URL(serving.url)
  const closed: Promise<void>[] = []
  for (let slow = 0; slow < 20; slow++) {
    const socket = createConnection(Number(port), hostname)
    closed.push(new Promise((done) => socket.on('close', () => done())))
    socket.on('error', () => {}).resume()
    socket.write(
      'POST /webhooks/sandbox-flinks HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\nflinks-authenticity-key: x\r\n\r\nhalf',
    )
  }
  expect((await fetch(`${serving.url}/healthz`)).status).toBe(200)
  expect(await post('{}', signed('{}'))).toBe(400) // read, and judged
  await Promise.all(closed)
})
