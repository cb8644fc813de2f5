import { expect, test } from 'vitest'
import { walkLimits } from '../../../src/extract/fdx/paging.ts'
import { getCheckpoint } from '../../../src/state/checkpoints.ts'
import { runIssues } from '../../../src/state/runs.ts'
import { examined } from '../../support/exam.ts'
import {
  dataFolder,
  extractOnce,
  fdxProvider,
  landedPages,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'

/** A provider file, asked at another address, and quickly. */
function at(url: string, file: string) {
  const provider = examined(file)
  if (provider.protocol !== 'fdx') throw new Error(`${file} speaks no FDX`)
  const pace = { ...provider.pace, requestsPerSecond: 10_000 }
  return { ...provider, baseUrl: url, pace }
}

const onlyTransactions = pipeline({ resources: ['accounts', 'transactions'] })

test('a list without end is given up at the limit of pages; what came is kept', async () => {
  await using bank = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    if (!url.pathname.endsWith('/transactions'))
      return sendJson(response, { accounts: [{ accountId: 'a' }] })
    const page = Number(url.searchParams.get('offset') ?? 0)
    sendJson(response, {
      transactions: [{ transactionId: `t${page}` }],
      page: { nextOffset: page + 1 },
    })
  })
  using data = dataFolder()
  const report = await extractOnce(data, {
    provider: fdxProvider(bank.url),
    pipeline: onlyTransactions,
  })
  expect(report).toMatchObject({
    status: 'partial',
    code: 'PAGE_LIMIT',
    pages: walkLimits.maxPages + 1,
  })
  expect(bank.asked).toHaveLength(walkLimits.maxPages + 1)
  expect(getCheckpoint(data.state, 'c1', 'transactions/a')).toMatchObject({
    complete: 0,
    cursor: null,
    good_until: null,
  })
})

test.each([
  [
    'flinks-outbound',
    'an absolute link',
    (url: string, next: string) => `${url}/any?offset=${next}`,
  ],
  ['mx', 'a path', (_: string, next: string) => `/elsewhere?limit=9&offset=${next}`],
  ['fdx-green', 'a query', (_: string, next: string) => `?pageKey=${next}`],
])(
  '%s: links.next alone leads on, by %s: its cursor is taken, its address is not',
  async (file, _, link) => {
    await using bank = await serve((request, response) => {
      const url = new URL(request.url ?? '', `http://${request.headers.host}`)
      if (url.pathname !== '/accounts/a/transactions')
        return sendJson(response, { accounts: [{ accountId: 'a' }] })
      const cursor = url.searchParams.get('offset') ?? url.searchParams.get('pageKey')
      const next = cursor === null ? 'two' : cursor === 'two' ? 'th ree' : undefined
      sendJson(response, {
        transactions: [{ transactionId: cursor ?? 'one' }],
        links:
          next === undefined ? {} : { next: { href: link(url.origin, encodeURIComponent(next)) } },
      })
    })
    using data = dataFolder()
    const report = await extractOnce(data, {
      provider: at(bank.url, file),
      pipeline: onlyTransactions,
    })
    expect(report).toMatchObject({ status: 'ok', pages: 4, requests: 4 })
    const pages = landedPages(data.paths).filter(({ entity }) => entity === 'fdx.transactions')
    expect(pages.map(({ sequence, last, body }) => [sequence, last, body])).toMatchObject([
      [1, false, { transactions: [{ transactionId: 'one' }] }],
      [2, false, { transactions: [{ transactionId: 'two' }] }],
      [3, true, { transactions: [{ transactionId: 'th ree' }] }],
    ])
  },
)

test('a provider of FDX 4: wrapped records, integer cursors and ids, bare error bodies', async () => {
  const wrapped = (from: number) =>
    [from, from + 1].map((n) => ({
      depositTransaction: { transactionId: n, postedTimestamp: '2026-01-02T00:00:00.000Z' },
    }))
  await using bank = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    const [, first, id, resource] = url.pathname.split('/')
    if (first === 'customers') return sendJson(response, { customerId: 'p', email: ['a@b'] })
    if (id === undefined)
      return sendJson(response, {
        accounts: [
          { depositAccount: { accountId: 10_001, balanceAsOf: '2026-01-02T00:00:00.000Z' } },
          { investmentAccount: { accountId: 'i' } },
          { annuityAccount: { accountId: 'annuity' } },
        ],
      })
    if (id === 'i') return sendJson(response, { code: 701, message: 'Account not found' }, 404)
    if (resource !== 'transactions') return sendJson(response, {}, 404)
    const offset = Number(url.searchParams.get('offset') ?? 0)
    sendJson(response, {
      page: offset === 0 ? { nextOffset: 2, total: 4 } : { total: 4 },
      transactions: wrapped(offset),
    })
  })
  using data = dataFolder()
  const provider = at(bank.url, 'mx')
  expect(provider.version).toBe(4)
  const report = await extractOnce(data, { provider })
  const issues = runIssues(data.state, report.runId)
  expect(report, JSON.stringify(issues)).toMatchObject({ status: 'ok', pages: 4, requests: 5 })
  expect(issues).toMatchObject([{ stream: 'transactions/i', code: 'NOT_FOUND' }])
  const lists = bank.asked.filter((line) => line.includes('/10001/transactions'))
  expect(lists).toEqual([
    expect.stringMatching(/\?startTime=\d{4}-\d\d-\d\d&endTime=\d{4}-\d\d-\d\d$/),
    expect.stringMatching(/&offset=2$/),
  ])
  const pages = landedPages(data.paths)
  expect(pages.map(({ entity, account_id, sequence }) => [entity, account_id, sequence])).toEqual([
    ['fdx.customers', null, 1],
    ['fdx.accounts', null, 1],
    ['fdx.transactions', '10001', 1],
    ['fdx.transactions', '10001', 2],
  ])
  expect(getCheckpoint(data.state, 'c1', 'transactions/10001')).toMatchObject({ complete: 1 })
  expect(getCheckpoint(data.state, 'c1', 'transactions/annuity')).toBeUndefined()
})
