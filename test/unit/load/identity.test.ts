import { expect, test } from 'vitest'
import { dataFolder, type Fixture, type PageDraft, pageLine } from './warehouse-fixture.ts'

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T10:00:00.000Z`
const listed = (n: number, transactions: readonly object[], more: Partial<PageDraft> = {}) =>
  pageLine({
    entity: 'fdx.transactions',
    account_id: 'a',
    page_id: `page-${n}`,
    pull_id: `pull-${n}`,
    fetched_at: day(n),
    window_start: '2026-02-01',
    window_end: '2026-03-31',
    body: JSON.stringify({ transactions }),
    ...more,
  })
const account = (n: number, fields: object) =>
  pageLine({
    page_id: `account-${n}`,
    pull_id: `accounts-${n}`,
    fetched_at: day(n),
    body: JSON.stringify({ accounts: [{ depositAccount: { accountId: 'a', ...fields } }] }),
  })
const amounts = async (folder: Fixture) =>
  (
    await folder.query(
      'select transaction_id, ordinal, amount::integer, day(first_seen_at), day(last_seen_at), page_id from fdx.deposit_transactions order by all',
    )
  ).rows

test('equal rows of one reading are one row, different ones of one id get ordinals', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [account(1, {})])
  const transactions = [1, 2, 2].map((amount) => ({
    depositTransaction: { transactionId: 't', amount },
  }))
  folder.segment('fdx.transactions', [
    listed(1, transactions),
    listed(1, transactions.slice(0, 2), { page_id: 'page-1b', sequence: 2 }),
  ])
  await folder.load()
  const rows = await amounts(folder)
  expect(rows.map(([, ordinal]) => ordinal)).toEqual(['1', '2'])
  expect(rows.map(([, , amount]) => amount).sort()).toEqual(['1', '2'])
})

test('a newer reading changes the row, an older one loaded later only its first sight', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [account(1, {})])
  const one = (amount: number) => [
    {
      depositTransaction: {
        transactionId: 't',
        amount,
        lineItem: [{ amount }],
        fiAttributes: [{ name: 'n', value: amount }],
      },
    },
  ]
  folder.segment('fdx.transactions', [listed(5, one(5))])
  await folder.load()
  folder.segment('fdx.transactions', [listed(3, one(3))])
  await folder.load()
  expect(await amounts(folder)).toEqual([['t', '1', '5', '3', '5', 'page-5']])
  folder.segment('fdx.transactions', [listed(7, one(7))])
  await folder.load()
  expect(await amounts(folder)).toEqual([['t', '1', '7', '3', '7', 'page-7']])
  folder.segment('fdx.transactions', [listed(9, one(7))])
  await folder.load()
  expect(await amounts(folder)).toEqual([['t', '1', '7', '3', '9', 'page-9']])
  expect(
    (await folder.query('select amount::integer, page_id from fdx.transaction_line_items')).rows,
  ).toEqual([['7', 'page-9']])
  expect((await folder.query('select value, page_id from fdx.fi_attributes')).rows).toEqual([
    ['7', 'page-9'],
  ])
})

test('rows of one id that arrive in two loads of one reading are numbered together', async () => {
  const rows = [1, 2, 3].map((amount) => ({
    depositTransaction: { transactionId: 't', amount, lineItem: [{ amount }] },
  }))
  const load = async (cuts: readonly (readonly object[])[]) => {
    using folder = dataFolder()
    folder.segment('fdx.accounts', [account(1, {})])
    for (const [at, cut] of cuts.entries()) {
      folder.segment('fdx.transactions', [listed(2, cut, { page_id: `page-2-${at}` })])
      await folder.load()
    }
    const items = await folder.query(
      'select transaction_ordinal, amount::integer from fdx.transaction_line_items order by all',
    )
    return [(await amounts(folder)).map((row) => row.slice(0, 3)), items.rows]
  }
  const together = await load([rows])
  expect(await load(rows.map((row) => [row]))).toEqual(together)
  expect(await load(rows.toReversed().map((row) => [row]))).toEqual(together)
})

test('an account and its lists are those of its newest page; an error never replaces it', async () => {
  using folder = dataFolder()
  const send = async (n: number, fields: object) => {
    folder.segment('fdx.accounts', [account(n, fields)])
    await folder.load()
    return (
      await folder.query(
        'select current_balance::integer, error_code, day(first_seen_at), (select count(*) from fdx.fi_attributes) from fdx.deposit_accounts',
      )
    ).rows
  }
  expect(
    await send(5, { currentBalance: 5, fiAttributes: [{ name: 'x' }, { name: 'y' }] }),
  ).toEqual([['5', null, '5', '2']])
  expect(await send(3, { currentBalance: 3 })).toEqual([['5', null, '3', '2']])
  expect(await send(6, { error: { code: 500, message: 'down' } })).toEqual([['5', null, '3', '2']])
  expect(await send(7, { currentBalance: 7, fiAttributes: { name: 'z' } })).toEqual([
    ['7', null, '3', '1'],
  ])
  folder.segment('fdx.accounts', [
    pageLine({
      fetched_at: day(8),
      body: '{"accounts":[{"loanAccount":{"accountId":"a","principalBalance":1}}]}',
    }),
  ])
  await folder.load()
  expect(
    (await folder.query('select account_kind, day(first_seen_at) from fdx.accounts')).rows,
  ).toEqual([['loan', '3']])
  expect(
    (await folder.query('select day, balance::integer from history.balances order by day')).rows,
  ).toEqual([
    ['2026-03-03', '3'],
    ['2026-03-05', '5'],
    ['2026-03-07', '7'],
    ['2026-03-08', '1'],
  ])
})

test('loading twice changes nothing, and a pull that says the same again adds no reject', async () => {
  using folder = dataFolder()
  const bad = { currentBalance: 'much', transactions: [{ transactionId: 't', amount: 'x' }] }
  folder.segment('fdx.accounts', [account(1, bad)])
  expect((await folder.load()).newRejects).toBe(2)
  expect(await folder.load()).toMatchObject({ changed: false, segments: 0, newRejects: 0 })
  folder.segment('fdx.accounts', [account(2, bad)])
  expect(await folder.load()).toMatchObject({
    changed: true,
    segments: 1,
    newRejects: 0,
    rejects: 2,
  })
})

test('a page that is in two segments is loaded once', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [account(1, { displayName: 'x' })])
  await folder.load()
  folder.segment('fdx.accounts', [
    account(1, { displayName: 'x' }),
    account(2, { displayName: 'x' }),
  ])
  const report = await folder.load()
  expect(report.checks.filter((check) => check.failed > 0)).toEqual([])
  expect((await folder.query('select count(*) from ops.pages')).rows).toEqual([['2']])
})

test('a pending row is hidden once posted, or once a later complete reading does not have it', async () => {
  using folder = dataFolder()
  const pending = (transactionId: string) => ({
    depositTransaction: {
      transactionId,
      amount: 1,
      status: 'PENDING',
      transactionTimestamp: '2026-03-01T00:00:00Z',
    },
  })
  const posted = {
    depositTransaction: {
      transactionId: 'q',
      referenceTransactionId: 'p',
      amount: 1,
      status: 'POSTED',
      postedTimestamp: '2026-03-02T00:00:00Z',
    },
  }
  folder.segment('fdx.accounts', [account(1, {})])
  folder.segment('fdx.transactions', [
    listed(1, [pending('p'), pending('gone'), pending('old'), pending('still')]),
  ])
  await folder.load()
  const seen = async () =>
    (await folder.query('select transaction_id from mart.transactions order by 1')).rows.flat()
  expect(await seen()).toEqual(['gone', 'old', 'p', 'still'])
  folder.segment('fdx.transactions', [listed(2, [posted, pending('still')], { last: false })])
  await folder.load()
  expect(await seen()).toEqual(['gone', 'old', 'q', 'still'])
  folder.segment('fdx.transactions', [listed(3, [pending('old'), pending('still'), posted])])
  await folder.load()
  expect(await seen()).toEqual(['old', 'q', 'still'])
})

test('what nobody knows is counted as drift', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [
    account(1, {
      status: 'active',
      displayName: 'd',
      currency: { currencyCode: 'CAD', symbol: '$' },
    }),
  ])
  await folder.load()
  expect(
    (await folder.query('select table_name, field, value from ops.drift order by all')).rows,
  ).toEqual([
    ['fdx.deposit_accounts', 'currency.symbol', null],
    ['fdx.deposit_accounts', 'displayName', null],
    ['fdx.deposit_accounts', 'status', 'active'],
  ])
  expect((await folder.query('select extra, status from fdx.deposit_accounts')).rows).toEqual([
    ['{"displayName":"d","currency.symbol":"$"}', 'active'],
  ])
})

test('net worth walks back through posted transactions', async () => {
  using folder = dataFolder()
  const t = (
    transactionId: string,
    amount: number,
    debitCreditMemo: string,
    postedTimestamp: string,
  ) => ({ transactionId, amount, debitCreditMemo, postedTimestamp, status: 'POSTED' })
  folder.segment('fdx.accounts', [
    pageLine({
      fetched_at: day(4),
      body: JSON.stringify({
        accounts: [
          {
            depositAccount: {
              accountId: 'a',
              currentBalance: 100,
              currency: { currencyCode: 'CAD' },
              balanceAsOf: '2026-03-04',
              transactions: [t('1', 30, 'CREDIT', '2026-03-03'), t('2', 10, 'DEBIT', '2026-03-01')],
            },
          },
          {
            locAccount: {
              accountId: 'b',
              currentBalance: 50,
              currency: { currencyCode: 'CAD' },
              balanceAsOf: '2026-03-04',
              transactions: [t('3', 20, 'DEBIT', '2026-03-04')],
            },
          },
        ],
      }),
    }),
  ])
  await folder.load()
  const { rows } = await folder.query(
    'select day, assets::integer, liabilities::integer, net_worth::integer from mart.net_worth_daily order by day',
  )
  expect(rows).toEqual([
    ['2026-03-01', '70', '30', '40'],
    ['2026-03-02', '70', '30', '40'],
    ['2026-03-03', '100', '30', '70'],
    ['2026-03-04', '100', '50', '50'],
  ])
})

test('transactions without an id that say the same are as many as one page has of them', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [account(1, {})])
  const coffee = { depositTransaction: { amount: 4, postedTimestamp: '2026-02-10' } }
  folder.segment('fdx.transactions', [
    listed(1, [coffee, coffee, coffee]),
    listed(1, [coffee], { page_id: 'page-1b', sequence: 2 }),
    listed(2, [coffee, coffee]),
  ])
  await folder.load()
  const { rows } = await folder.query(
    `select split_part(transaction_id, '#', 2), ordinal, day(last_seen_at) from fdx.deposit_transactions order by 1`,
  )
  expect(rows).toEqual([
    ['', '1', '2'],
    ['2', '1', '2'],
    ['3', '1', '1'],
  ])
})

test('an error that says nothing is none', async () => {
  using folder = dataFolder()
  for (const [n, error] of [
    [1, {}],
    [2, { code: null }],
  ] as const) {
    folder.segment('fdx.accounts', [account(n, { currentBalance: n, error })])
    await folder.load()
  }
  const { rows } = await folder.query('select current_balance::integer from fdx.deposit_accounts')
  expect(rows).toEqual([['2']])
})

test('a list that only describes never replaces details, in whatever order they load', async () => {
  const described = (n: number) =>
    pageLine({
      fetched_at: day(n),
      page_id: `list-${n}`,
      marks: ['descriptors'],
      body: JSON.stringify({
        accounts: [{ depositAccount: { accountId: 'a', nickname: `n${n}` } }],
      }),
    })
  const state = async (pages: readonly string[]) => {
    using folder = dataFolder()
    for (const page of pages) {
      folder.segment('fdx.accounts', [page])
      await folder.load()
    }
    return (
      await folder.query('select current_balance::integer, nickname from fdx.deposit_accounts')
    ).rows
  }
  const detail = account(2, { currentBalance: 2, nickname: 'kept' })
  expect(await state([described(1), detail, described(3)])).toEqual([['2', 'kept']])
  expect(await state([described(3), detail])).toEqual([['2', 'kept']])
  expect(await state([described(1), described(3)])).toEqual([[null, 'n3']])
})

test('transactions that come before their account move to its kind’s table, once it is known', async () => {
  using folder = dataFolder()
  const flat = { transactionId: 't', amount: 5, checkNumber: '7', payee: 'x', extraThing: 1 }
  folder.segment('fdx.transactions', [
    listed(1, [flat, { ...flat, transactionId: 'u' }]),
    listed(2, [{ ...flat, transactionId: 't' }]),
  ])
  await folder.load()
  const where = async () =>
    (
      await folder.query(
        'select account_kind, transaction_id, payee, day(first_seen_at), extra from fdx.transactions order by 2',
      )
    ).rows
  const rows = [
    ['t', 'x', '1', '{"extraThing":1}'],
    ['u', 'x', '1', '{"extraThing":1}'],
  ]
  expect(await where()).toEqual(rows.map((row) => ['other', ...row]))
  folder.segment('fdx.accounts', [account(3, {})])
  await folder.load()
  expect(await where()).toEqual(rows.map((row) => ['deposit', ...row]))
  expect((await folder.query('select count(*) from ops.readings')).rows).toEqual([['2']])
  expect(await folder.load()).toMatchObject({ changed: false })
})
