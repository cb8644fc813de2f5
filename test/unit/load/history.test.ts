import { expect, test, vi } from 'vitest'
import { analysisText } from '../../../src/cli/analyses.ts'
import { dataFolder, type Fixture, pageLine } from './warehouse-fixture.ts'

vi.setConfig({ testTimeout: 120_000 })

const at = (n: number, second = 0) => `2026-03-0${n}T00:00:0${second}.000Z`
const account = (n: number, fields: object) =>
  pageLine({
    page_id: `a${n}`,
    pull_id: `a${n}`,
    fetched_at: at(n),
    body: JSON.stringify({ accounts: [{ depositAccount: { accountId: 'a', ...fields } }] }),
  })
const listed = (n: number, transactions: readonly object[]) =>
  pageLine({
    entity: 'fdx.transactions',
    account_id: 'a',
    page_id: `t${n}`,
    pull_id: `t${n}`,
    window_start: '2026-01-01',
    window_end: `2026-03-0${n}`,
    fetched_at: at(n, 5),
    body: JSON.stringify({
      transactions: transactions.map((fields) => ({
        depositTransaction: {
          status: 'POSTED',
          debitCreditMemo: 'CREDIT',
          postedTimestamp: '2026-02-03',
          ...fields,
        },
      })),
    }),
  })

const rowsOf = async (folder: Fixture, sql: string) =>
  (await folder.query(sql)).rows.map((row) => row.join(' '))

/** Loads days in these steps; every answer must be the same however they are cut. */
async function inSteps(steps: readonly (readonly number[])[]) {
  const accounts: Record<number, string> = {
    1: account(1, {
      nickname: 'Joint',
      productName: 'Plus',
      currentBalance: 100,
      currency: { currencyCode: 'CAD' },
    }),
    2: account(2, { nickname: 'Joint', currentBalance: 200, transactions: [] }),
    3: account(3, { nickname: 'Mine', currentBalance: 250 }),
  }
  const transactions: Record<number, string> = {
    1: listed(1, [{ transactionId: '1', amount: 5 }]),
    2: listed(2, [
      { transactionId: '1', amount: 6 },
      { transactionId: '2', amount: 100, postedTimestamp: '2026-03-02' },
    ]),
    3: listed(3, [
      { transactionId: '1', amount: 7 },
      { transactionId: '2', amount: 100, postedTimestamp: '2026-03-02' },
    ]),
  }
  using folder = dataFolder()
  for (const days of steps) {
    folder.segment(
      'fdx.accounts',
      days.map((n) => accounts[n] ?? ''),
    )
    folder.segment(
      'fdx.transactions',
      days.map((n) => transactions[n] ?? ''),
    )
    await folder.load()
  }
  return {
    versions: await rowsOf(
      folder,
      'select day(known_from), day(known_to), amount::integer, page_id from history.transaction_versions order by 1',
    ),
    known: await rowsOf(
      folder,
      `select transaction_id, amount::integer from history.transactions_as_of('a', '2026-03-02 12:00:00') order by 1`,
    ),
    changes: await rowsOf(
      folder,
      'select day(changed_at), field, before, after from mart.account_changes',
    ),
    names: await rowsOf(
      folder,
      'select day(known_from), nickname, product_name, currency from history.account_versions order by 1',
    ),
    balances: await rowsOf(
      folder,
      `select stated_day, balance::integer from history.balance_as_of('a', '2026-03-05')
       union all select stated_day, balance::integer from history.balance_as_of('a', '2026-03-05', known_at := '2026-03-02 01:00:00')
       union all select stated_day, balance::integer from history.balance_as_of(null, '2026-03-01') order by 1`,
    ),
    breaks: await rowsOf(
      folder,
      'select from_day, to_day, movements::integer, difference::integer from mart.breaks',
    ),
  }
}

test('history tells what was known when, however the pages are cut into loads', async () => {
  const found = await inSteps([[1], [2], [3]])
  expect(found).toEqual({
    versions: ['1 2 5 t1', '2 3 6 t2'],
    known: ['1 6', '2 100'],
    changes: ['3 nickname Joint Mine'],
    names: ['1 Joint Plus CAD', '3 Mine Plus CAD'],
    balances: ['2026-03-01 100', '2026-03-02 200', '2026-03-03 250'],
    breaks: ['2026-03-02 2026-03-03 0 50'],
  })
  expect(await inSteps([[1, 2, 3]])).toEqual(found)
  expect(await inSteps([[1], [2, 3]])).toEqual(found)
})

test('analyses of history: what changed of an account, and which balances were corrected', async () => {
  using folder = dataFolder()
  const stated = (fetched: string, asOf: string, currentBalance: number, nickname: string) =>
    pageLine({
      page_id: fetched,
      fetched_at: `${fetched}T10:00:00.000Z`,
      body: JSON.stringify({
        accounts: [
          { depositAccount: { accountId: 'a', balanceAsOf: asOf, currentBalance, nickname } },
        ],
      }),
    })
  folder.segment('fdx.accounts', [
    stated('2026-02-28', '2026-02-28', 10, 'Everyday'),
    stated('2026-03-15', '2026-02-28', 12, 'Everyday'),
    stated('2026-03-16', '2026-03-16', 20, 'Holiday'),
  ])
  await folder.load()
  const run = async (name: string, columns: string) =>
    (await folder.query(`select ${columns} from (${analysisText(name).trim().slice(0, -1)})`)).rows
  expect(await run('account_changes', 'field, before, after')).toEqual([
    ['nickname', 'Everyday', 'Holiday'],
  ])
  expect(
    await run(
      'restated_balances',
      'account_id, as_of_day, known_then::integer, restated_by::integer',
    ),
  ).toEqual([['a', '2026-02-28', '10', '2']])
})
