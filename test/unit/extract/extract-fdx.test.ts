import { expect, test } from 'vitest'
import { FdxError } from '../../../src/errors.ts'
import { getCheckpoint } from '../../../src/state/checkpoints.ts'
import { getConnection, setConnectionState } from '../../../src/state/connections.ts'
import { runConnections, runIssues } from '../../../src/state/runs.ts'
import {
  dataFolder,
  extractOnce,
  fdxProvider,
  landedPages,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'

test('reads the customer, the accounts and each account’s transactions', async () => {
  await using bank = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    if (url.pathname === '/v6/customers/current') return sendJson(response, { customerId: 'p' })
    if (url.pathname === '/v6/accounts')
      return url.searchParams.get('offset') === null
        ? sendJson(response, {
            page: { nextOffset: 'two' },
            accounts: [{ accountCategory: 'DEPOSIT_ACCOUNT', accountId: 'a/1' }],
          })
        : sendJson(response, {
            accounts: [
              { locAccount: { accountId: 7 } },
              { annuityAccount: { accountId: 'annuity' } },
              {
                depositAccount: { accountId: 'full', transactionsIncluded: true, transactions: [] },
              },
            ],
          })
    return sendJson(response, { transactions: [{ transactionId: url.pathname }] })
  })
  using data = dataFolder()
  const report = await extractOnce(data, { provider: fdxProvider(`${bank.url}/v6`) })
  expect(report).toMatchObject({ status: 'ok', code: '', pages: 5, requests: 5, retries: 0 })

  const pages = landedPages(data.paths)
  expect(pages.map((page) => [page.entity, page.account_id, page.sequence, page.last])).toEqual([
    ['fdx.customers', null, 1, true],
    ['fdx.accounts', null, 1, false],
    ['fdx.accounts', null, 2, true],
    ['fdx.transactions', '7', 1, true],
    ['fdx.transactions', 'a/1', 1, true],
  ])
  expect(pages.at(-1)?.body).toEqual({
    transactions: [{ transactionId: '/v6/accounts/a%2F1/transactions' }],
  })
  expect(getCheckpoint(data.state, 'c1', 'transactions/7')).toMatchObject({
    complete: 1,
    good_until: new Date().toISOString().slice(0, 10),
  })
  expect(getConnection(data.state, 'c1')?.last_good_at).not.toBeNull()
  expect(runConnections(data.state, report.runId)).toMatchObject([{ status: 'ok', pages: 5 }])
})

test('a run that is stopped keeps its pages and asks for no further token', async () => {
  const stop = new AbortController()
  await using bank = await serve((request, response) => {
    const page = Number(new URL(request.url ?? '', 'http://bank').searchParams.get('offset') ?? 0)
    sendJson(response, { accounts: [{ accountId: `a${page}` }], page: { nextOffset: page + 1 } })
  })
  using data = dataFolder()
  let tokens = 0
  const report = await extractOnce(data, {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['accounts'] }),
    signal: stop.signal,
    token: async () => {
      tokens++
      return 'token'
    },
    onProgress: ({ pages }) => {
      if (pages === 3) stop.abort()
    },
  })
  expect(report).toMatchObject({ status: 'stopped', code: 'STOPPED' })
  expect(report.pages).toBeGreaterThanOrEqual(3)
  expect(landedPages(data.paths)).toHaveLength(report.pages)
  expect(tokens).toBe(report.requests)
  expect(getCheckpoint(data.state, 'c1', 'accounts')?.cursor).toBe(`offset=${report.pages}`)
})

test.each([
  ['REAUTH', 'reauth', 'reauth'],
  ['TOKEN_UNAVAILABLE', 'failed', 'active'],
  ['CLIENT_REFUSED', 'failed', 'active'],
] as const)('%s of the token manager ends the connection as %s', async (code, status, state) => {
  await using bank = await serve((_request, response) => sendJson(response, {}))
  using data = dataFolder()
  const token = async () => {
    throw new FdxError(code, 'no token')
  }
  const report = await extractOnce(data, { provider: fdxProvider(bank.url), token })
  expect(report).toMatchObject({ status, code, requests: 0 })
  expect(getConnection(data.state, 'c1')?.state).toBe(state)
})

test('our own mistakes end this connection as a fault, and are told without their text', async () => {
  await using bank = await serve((_request, response) => sendJson(response, {}))
  using data = dataFolder()
  const token = async () => {
    throw new RangeError('a token, perhaps')
  }
  const report = await extractOnce(data, { provider: fdxProvider(bank.url), token })
  expect(report).toMatchObject({ status: 'failed', code: 'FAULT' })
  const [row] = data.state.db.prepare('select status, message from run_connections').all()
  expect(row?.['status']).toBe('failed')
  expect(row?.['message']).toMatch(/^a fault of its own: RangeError/)
  expect(row?.['message']).not.toContain('a token')
})

test.each(['.', '..', '', 'a/../../b'])('the account id %j leads to no other path', async (id) => {
  await using bank = await serve((request, response) =>
    sendJson(
      response,
      request.url?.startsWith('/v6/accounts?')
        ? { accounts: [{ accountId: id }] }
        : { transactions: [] },
    ),
  )
  using data = dataFolder()
  await extractOnce(data, {
    provider: fdxProvider(`${bank.url}/v6`),
    pipeline: pipeline({ resources: ['transactions'] }),
  })
  for (const asked of bank.asked)
    expect(asked).toMatch(/^GET \/v6\/accounts(\/a%2F\.\.%2F\.\.%2Fb\/transactions)?\?/)
})

test('a customer in an envelope, or alone: the loader is told which', async () => {
  const bodies = [{ customers: [{ customerId: 'p' }] }, { customerId: 'p' }]
  await using bank = await serve((_request, response) => sendJson(response, bodies.shift()))
  using data = dataFolder()
  const options = {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['customers'] }),
  }
  await extractOnce(data, options)
  await extractOnce(data, options)
  expect(landedPages(data.paths).map((page) => page.marks)).toEqual([[], ['bare_record']])
})

test('a list without its envelope, and a single record in its place, are read and marked', async () => {
  const bodies = [[{ accountId: 'a' }], { depositAccount: { accountId: 'b' } }, { page: {} }]
  for (const [i, marks] of [['bare_list'], ['bare_record'], []].entries()) {
    await using bank = await serve((request, response) =>
      sendJson(response, request.url?.includes('transactions') ? { transactions: [] } : bodies[i]),
    )
    using data = dataFolder()
    const options = {
      provider: fdxProvider(bank.url),
      pipeline: pipeline({ resources: ['accounts'] }),
    }
    expect(await extractOnce(data, options)).toMatchObject({ status: 'ok' })
    expect(landedPages(data.paths)[0]?.marks).toEqual(marks)
  }
})

test('what is JSON but no list of accounts is kept, and the connection fails', async () => {
  await using bank = await serve((_request, response) => sendJson(response, { message: 'hello' }))
  using data = dataFolder()
  const options = {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['accounts'] }),
  }
  expect(await extractOnce(data, options)).toMatchObject({
    status: 'failed',
    code: 'ANSWER_INVALID',
    pages: 1,
  })
})

test.each(['revoked', 'purging'] as const)(
  'a connection that is %s meanwhile stays so',
  async (state) => {
    using data = dataFolder()
    await using bank = await serve((_request, response) => {
      setConnectionState(data.state, 'c1', state, 'withdrawn', '2026-01-01T00:00:00Z')
      sendJson(response, { code: 602 }, 401)
    })
    const report = await extractOnce(data, { provider: fdxProvider(bank.url) })
    expect(report).toMatchObject({ status: 'reauth', code: 'CONSENT_LOST' })
    expect(getConnection(data.state, 'c1')).toMatchObject({ state, reason: 'withdrawn' })
  },
)

test('a request that fails is kept with the run: its status, size, time, retries and interaction id', async () => {
  const sent: unknown[] = []
  let isDown = false
  await using bank = await serve((request, response) => {
    if (isDown) {
      sent.push(request.headers['x-fapi-interaction-id'])
      return void request.socket.destroy()
    }
    if (request.url?.startsWith('/accounts?'))
      return sendJson(response, { accounts: [{ accountId: 'a' }] })
    response.writeHead(500, { 'x-fapi-interaction-id': 'theirs-1' }).end('{"code":"500"}')
  })
  using data = dataFolder()
  const options = {
    provider: fdxProvider(bank.url, { pace: { attempts: 2, firstRetryMs: 1 } }),
    pipeline: pipeline({ resources: ['accounts', 'transactions'] }),
  }
  const first = await extractOnce(data, options)
  expect(runIssues(data.state, first.runId)).toMatchObject([
    {
      stream: 'transactions/a',
      code: 'PROVIDER_DOWN',
      request_status: 500,
      request_bytes: 14,
      request_ms: expect.any(Number),
      request_retries: 1,
      interaction_id: 'theirs-1',
    },
  ])
  isDown = true
  const second = await extractOnce(data, options)
  expect(runConnections(data.state, second.runId)).toMatchObject([
    {
      code: 'UNREACHABLE',
      request_status: null,
      request_bytes: null,
      request_retries: 1,
      interaction_id: sent[1],
    },
  ])
  expect(sent[1]).toMatch(/^[0-9a-f-]{36}$/)
})

test('an account whose id is longer than any is told of, and nothing more is asked about it', async () => {
  await using bank = await serve((_, response) =>
    sendJson(response, { accounts: [{ accountId: 'x'.repeat(100_000) }] }),
  )
  using data = dataFolder()
  const report = await extractOnce(data, {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['accounts', 'transactions'] }),
  })
  expect(report).toMatchObject({ status: 'ok', requests: 1 })
  expect(runIssues(data.state, report.runId)).toMatchObject([{ code: 'ACCOUNT_WITHOUT_ID' }])
})
