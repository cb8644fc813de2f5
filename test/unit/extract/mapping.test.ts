import nock from 'nock'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { getConnection, setConnectionState } from '../../../src/state/connections.ts'
import { realWorld, type World } from '../../../src/world.ts'
import {
  connect,
  dataFolder,
  extractOnce,
  fdxProvider,
  flinksProvider,
  pipeline,
} from '../../support/extract.ts'

beforeAll(() => nock.disableNetConnect())
afterEach(() => nock.cleanAll())
afterAll(() => nock.enableNetConnect())

const today: World = { ...realWorld, now: () => Date.UTC(2026, 0, 15, 12) }

test('FDX: paths, query and headers of each request, in all their dialects', async () => {
  const bank = nock('https://bank.example', {
    reqheaders: {
      authorization: 'Bearer token',
      'fdx-api-actor-type': 'BATCH',
      'x-fapi-interaction-id': /^[0-9a-f-]{36}$/,
      'fdx-api-data-recipient-id': 'recipient-7',
    },
  })
  bank.get('/api/fdx/6/customers/current').reply(200, { customerId: 'p' })
  bank
    .get('/api/fdx/6/accounts')
    .query({ resultType: 'details', limit: '2' })
    .reply(200, { accounts: [{ accountId: 'a/1 é' }], page: { nextPageKey: 'k&=' } })
  bank
    .get('/api/fdx/6/accounts')
    .query({ resultType: 'details', limit: '2', pageKey: 'k&=' })
    .reply(200, { accounts: [] })
  bank
    .get('/api/fdx/6/accounts/a%2F1%20%C3%A9/transactions')
    .query({ startDate: '2025-12-16', endDate: '2026-01-15', limit: '2' })
    .reply(200, { transactions: [{ transactionId: 't' }] })
  using data = dataFolder()
  const provider = fdxProvider('https://bank.example/api/fdx/6', {
    paging: 'pageKey',
    pageSize: 2,
    windowParameters: 'startDate',
    headers: { 'FDX-API-Data-Recipient-Id': 'recipient-7' },
  })
  const options = { provider, world: today, pipeline: pipeline({ historyDays: 30 }) }
  expect(await extractOnce(data, options)).toMatchObject({ status: 'ok', requests: 4 })
  expect(bank.isDone()).toBe(true)
})

test('FDX: the second pull looks back from the last good one', async () => {
  const asked: string[] = []
  const bank = nock('https://bank.example').persist()
  bank
    .get('/accounts')
    .query(true)
    .reply(200, { accounts: [{ accountId: 'a' }] })
  bank
    .get('/accounts/a/transactions')
    .query(true)
    .reply(200, (request: { url: string }) => {
      asked.push(request.url.replace('https://bank.example', ''))
      return { transactions: [] }
    })
  using data = dataFolder()
  const options = {
    provider: fdxProvider('https://bank.example', { interactionId: false }),
    pipeline: pipeline({ resources: ['transactions'], historyDays: 400, lookbackDays: 10 }),
  }
  await extractOnce(data, { ...options, world: today })
  const later: World = { ...realWorld, now: () => Date.UTC(2026, 0, 20) }
  await extractOnce(data, { ...options, world: later })
  expect(asked).toEqual([
    '/accounts/a/transactions?startTime=2024-12-11&endTime=2026-01-15',
    '/accounts/a/transactions?startTime=2026-01-05&endTime=2026-01-20',
  ])
})

test.each(['cached', 'live'] as const)('Flinks: the calls of a %s session', async (mode) => {
  const flinks = nock('https://flinks.example')
  const root = '/v3/customer/BankingServices'
  flinks
    .post(`${root}/GenerateAuthorizeToken`, {})
    .matchHeader('flinks-auth-key', 'auth-key')
    .reply(200, { HttpStatusCode: 200, Token: 'one-time' })
  const live = mode === 'live'
  flinks
    .post(`${root}/Authorize`, {
      LoginId: 'login',
      MostRecentCached: !live,
      ...(live ? { Save: true } : {}),
    })
    .matchHeader('flinks-auth-key', 'one-time')
    .reply(200, { HttpStatusCode: 200, RequestId: 'request' })
  flinks
    .post(`${root}/GetAccountsDetail`, {
      RequestId: 'request',
      WithAccountIdentity: true,
      WithKYC: false,
      WithTransactions: true,
      DaysOfTransactions: 'Days90',
    })
    .matchHeader('x-api-key', 'api-key')
    .reply(202, { FlinksCode: 'OPERATION_PENDING', RequestId: 'request', Accounts: [] })
  flinks
    .get(`${root}/GetAccountsDetailAsync/request`)
    .matchHeader('x-api-key', 'api-key')
    .reply(200, { HttpStatusCode: 200, Accounts: [{ Id: '1' }] })
  using data = dataFolder()
  const provider = flinksProvider(`https://flinks.example${root}`, {
    mode,
    withKyc: false,
    daysOfTransactions: 'Days90',
  })
  connect(data.state, provider)
  setConnectionState(data.state, 'c1', 'needs_mfa', 'asked', '2026-01-01T00:00:00Z')
  const report = await extractOnce(data, { provider, loginId: 'login' })
  expect(report).toMatchObject({ status: 'ok', pages: 1, requests: 4 })
  expect(flinks.isDone()).toBe(true)
  expect(getConnection(data.state, 'c1')).toMatchObject({ state: 'active', reason: '' })
})
