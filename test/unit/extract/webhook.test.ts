import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { receiveWebhook } from '../../../src/extract/flinks/webhook.ts'
import { openSegments } from '../../../src/land/segments.ts'
import { type Checkpoint, getCheckpoint, saveCheckpoint } from '../../../src/state/checkpoints.ts'
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

const waitingFor = (cursor: string, good_until: string | null = null): Checkpoint => ({
  connection_id: 'c1',
  stream: 'detail',
  run_id: 'r',
  pull_id: 'p',
  cursor,
  pages: 0,
  complete: 0,
  window_start: null,
  window_end: null,
  good_until,
  updated_at: '2026-01-15T00:00:00.000Z',
})

test('a detail lands once, ends the polling for it, and a replay changes nothing', async () => {
  using data = connected()
  saveCheckpoint(data.state, waitingFor('request-1'))
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

test('a detail of another request is kept, and the one that is waited for is still waited for', async () => {
  using data = connected()
  const waiting = waitingFor('request-2')
  saveCheckpoint(data.state, waiting)
  expect((await deliver(data, [{ body: payload() }])).statuses).toEqual([200])
  const [page] = landedPages(data.paths)
  expect(page?.run_id).toBe('webhook')
  expect(page?.pull_id).not.toBe('p')
  expect(getCheckpoint(data.state, 'c1', 'detail')).toEqual(waiting)
})

test.each([
  ['older than what was landed', 'request-2', '2026-01-14T05:40:54.57 Days365', 0],
  ['as old as what was landed', 'request-2', '2026-01-14T05:40:54.569261Z Days365', 1],
  ['newer than what was landed', 'request-2', '2026-01-14T05:40:54 Days365', 1],
  ['older, and waited for', 'request-1', '2026-01-15T00:00:00 Days365', 1],
])('a detail that is %s', async (_, cursor, landed, pages) => {
  using data = connected()
  saveCheckpoint(data.state, waitingFor(cursor, landed))
  const { statuses } = await deliver(data, [{ body: payload() }])
  expect(statuses).toEqual([200])
  expect(landedPages(data.paths)).toHaveLength(pages)
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

test('a delivery of another request ends no waiting; one that is older than what is here is dropped', async () => {
  using data = connected()
  const state = {
    connection_id: 'c1',
    stream: 'detail',
    run_id: 'r',
    pull_id: 'p',
    pages: 0,
    window_start: null,
    window_end: null,
    updated_at: '2026-01-15T00:00:00.000Z',
  }
  saveCheckpoint(data.state, { ...state, cursor: 'mine', complete: 0, good_until: null })
  await deliver(data, [{ body: payload({ RequestId: 'other' }) }])
  expect(landedPages(data.paths)).toHaveLength(1)
  expect(getCheckpoint(data.state, 'c1', 'detail')).toMatchObject({ complete: 0, cursor: 'mine' })

  const fresh = '2026-01-20T05:00:00.1Z Days365'
  saveCheckpoint(data.state, { ...state, cursor: null, complete: 1, good_until: fresh })
  const { statuses, lines } = await deliver(data, [{ body: payload({ RequestId: 'late' }) }])
  expect(statuses).toEqual([200])
  expect(lines.join()).toContain('older than what is here')
  expect(landedPages(data.paths)).toHaveLength(1)
  expect(getCheckpoint(data.state, 'c1', 'detail')).toMatchObject({ good_until: fresh })
})
