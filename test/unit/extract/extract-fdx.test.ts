import { expect, test } from 'vitest'
import { getCheckpoint } from '../../../src/state/checkpoints.ts'
import { getConnection } from '../../../src/state/connections.ts'
import { runConnections } from '../../../src/state/runs.ts'
import {
  dataFolder,
  extractOnce,
  fdxProvider,
  landedPages,
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
