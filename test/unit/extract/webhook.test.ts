import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { receiveWebhook } from '../../../src/extract/flinks/webhook.ts'
import { openSegments } from '../../../src/land/segments.ts'
import { getCheckpoint, saveCheckpoint } from '../../../src/state/checkpoints.ts'
import { hashedSubject, saveConnection } from '../../../src/state/connections.ts'
import { realWorld } from '../../../src/world.ts'
import { connect, dataFolder, flinksProvider, landedPages } from '../../support/extract.ts'

const loginId = '5e115eac-1209-4f19-641c-08d6d484e2fe'
const provider = flinksProvider('https://flinks.example', { webhookSecrets: ['old', 'new'] })
const payload = (more: object = {}) =>
  JSON.stringify({
    ResponseType: 'GetAccountsDetail',
    HttpStatusCode: 200,
    Login: { Id: loginId, LastRefresh: '2026-01-14T05:40:54.569261' },
    RequestId: 'request-1',
    Accounts: [{ Id: 'MARKED', Transactions: [{ Id: 't', Debit: 1.5 }] }],
    ...more,
  })
const sign = (body: string | Buffer, secret = 'new') =>
  createHmac('sha256', secret).update(body).digest('base64')

async function deliver(
  data: ReturnType<typeof dataFolder>,
  deliveries: readonly { body: string | Buffer; headers?: Record<string, string> }[],
  at = provider,
) {
  const lines: string[] = []
  const statuses: number[] = []
  await using segments = await openSegments({ ...data, world: realWorld })
  for (const { body, headers = { 'flinks-authenticity-key': sign(body) } } of deliveries)
    statuses.push(
      await receiveWebhook(
        {
          headers: new Headers(headers),
          body: (async function* () {
            for (let i = 0; i < body.length; i += 1 << 20)
              yield Buffer.from(body).subarray(i, i + (1 << 20))
          })(),
        },
        {
          provider: at,
          state: data.state,
          land: segments.land,
          world: realWorld,
          log: (line) => lines.push(line),
        },
      ),
    )
  return { statuses, lines }
}

function connected() {
  const data = dataFolder()
  const connection = connect(data.state, provider)
  saveConnection(data.state, { ...connection, subject: hashedSubject(provider.name, loginId) })
  return data
}

test('a detail lands once, ends the polling for it, and a replay changes nothing', async () => {
  using data = connected()
  saveCheckpoint(data.state, {
    connection_id: 'c1',
    stream: 'detail',
    run_id: 'r',
    pull_id: 'p',
    cursor: 'request-1',
    pages: 0,
    complete: 0,
    window_start: null,
    window_end: null,
    good_until: null,
    updated_at: '2026-01-15T00:00:00.000Z',
  })
  const body = payload()
  const { statuses, lines } = await deliver(data, [{ body }, { body }])
  expect(statuses).toEqual([200, 401])
  expect(lines).toHaveLength(2)
  expect(landedPages(data.paths)).toMatchObject([
    { entity: 'flinks.detail', connection_id: 'c1', run_id: 'r', pull_id: 'p', last: true },
  ])
  expect(getCheckpoint(data.state, 'c1', 'detail')).toMatchObject({ complete: 1, cursor: null })
  expect(lines.join()).not.toMatch(/MARKED|5e115eac|request-1/)
})

test('the same login is delivered again after each refresh', async () => {
  using data = connected()
  const { statuses } = await deliver(data, [
    { body: payload() },
    { body: payload({ RequestId: 'request-2' }) },
  ])
  expect(statuses).toEqual([200, 200])
  expect(landedPages(data.paths)).toHaveLength(2)
})

const body = payload()
test.each<[string, number, { body: string | Buffer; headers?: Record<string, string> }]>([
  ['no signature', 401, { body, headers: {} }],
  ['an empty signature', 401, { body, headers: { 'flinks-authenticity-key': '' } }],
  ['a wrong signature', 401, { body, headers: { 'flinks-authenticity-key': sign(body, 'other') } }],
  [
    'half a signature',
    401,
    { body, headers: { 'flinks-authenticity-key': sign(body).slice(0, 20) } },
  ],
  [
    'one byte changed',
    401,
    { body: body.replace('1.5', '1.6'), headers: { 'flinks-authenticity-key': sign(body) } },
  ],
  ['one space more', 401, { body: `${body} `, headers: { 'flinks-authenticity-key': sign(body) } }],
  ['20 MiB', 413, { body: Buffer.alloc(20 * 1024 * 1024, ' ') }],
  ['signed, but not JSON', 400, { body: 'hello' }],
  ['signed, but nested too deep', 400, { body: '['.repeat(1_000_000) }],
  ['signed, but of nobody', 400, { body: '{"ResponseType":"KYC"}' }],
])('%s is answered with %i, changes nothing, and leaves one line', async (_, status, delivery) => {
  using data = connected()
  const { statuses, lines } = await deliver(data, [delivery])
  expect(statuses).toEqual([status])
  expect(lines).toHaveLength(1)
  expect(landedPages(data.paths)).toEqual([])
  expect(data.state.db.prepare('select * from webhooks').all()).toEqual([])
  expect(getCheckpoint(data.state, 'c1', 'detail')).toBeUndefined()
})

test('either secret and either header will do', async () => {
  using data = connected()
  const other = payload({ RequestId: 'request-2' })
  const { statuses } = await deliver(data, [
    { body, headers: { 'flinks-authenticity-key': sign(body, 'old') } },
    { body: other, headers: { 'X-Flinks-Signature': sign(other) } },
  ])
  expect(statuses).toEqual([200, 200])
})

test('without a secret nothing is taken', async () => {
  using data = connected()
  const open = flinksProvider('https://flinks.example')
  const empty = { 'flinks-authenticity-key': sign(body, '') }
  expect((await deliver(data, [{ body, headers: empty }], open)).statuses).toEqual([401])
})

test('other types, unknown logins and ended connections are noted, not landed', async () => {
  using data = connected()
  const { statuses } = await deliver(data, [
    { body: payload({ ResponseType: 'KYC' }) },
    { body: payload({ Login: { Id: '00000000-0000-0000-0000-000000000000' } }) },
  ])
  data.state.db.exec(`update connections set state = 'revoked'`)
  const ended = await deliver(data, [{ body }])
  expect([...statuses, ...ended.statuses]).toEqual([200, 200, 200])
  expect(landedPages(data.paths)).toEqual([])
})
