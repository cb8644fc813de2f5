import { expect, test } from 'vitest'
import { dataFolder, type PageDraft, pageLine } from './warehouse-fixture.ts'

async function loaded(drafts: readonly PageDraft[], sql: string) {
  using folder = dataFolder()
  for (const draft of drafts) folder.segment(draft.entity ?? 'fdx.accounts', [pageLine(draft)])
  const report = await folder.load()
  const { rows } = await folder.query(sql)
  return { rows, report }
}

test('an account goes to its kind’s table by wrapper, category or type, all in one page', async () => {
  const accounts = [
    { depositAccount: { accountId: 'a' } },
    { locAccount: { accountId: 'b', accountCategory: 'DEPOSIT_ACCOUNT' } },
    { accountId: 'c', accountCategory: 'LOAN_ACCOUNT' },
    { accountId: 'd', accountType: 'ROTH' },
    { accountId: 'e', accountType: 'creditcard' },
    { accountId: 'f', accountType: 'College Savings' },
    { crystalAccount: { accountId: 'g', shine: 7 } },
    { annuityAccount: { accountId: 'h' }, links: [] },
    { loanAccount: null, insuranceAccount: { accountId: 'i' } },
    { digitalWallet: { accountId: 42 } },
    { accountId: 'k', accountCategory: 'COMMERCIAL_ACCOUNT' },
  ]
  const { rows, report } = await loaded(
    [{ body: JSON.stringify({ accounts }) }],
    'select account_id, account_kind from mart.accounts',
  )
  expect(Object.fromEntries(rows)).toEqual({
    a: 'deposit',
    b: 'loc',
    c: 'loan',
    d: 'investment',
    e: 'loc',
    f: 'other',
    g: 'other',
    h: 'annuity',
    i: 'insurance',
    42: 'digital_wallet',
    k: 'commercial',
  })
  expect(report.rejects).toBe(0)
})

test('transactions inside an account and listed ones go to the same table', async () => {
  const { rows, report } = await loaded(
    [
      {
        body: JSON.stringify({
          accounts: [
            { depositAccount: { accountId: 'a', transactions: [{ transactionId: 1, amount: 1 }] } },
          ],
        }),
      },
      {
        entity: 'fdx.transactions',
        account_id: 'a',
        pull_id: 'p2',
        body: JSON.stringify({
          transactions: [
            { depositTransaction: { transactionId: '2', amount: 2 } },
            { transactionId: '3', amount: 3 },
            { accountCategory: 'DEPOSIT_ACCOUNT', accountId: 'a', transactionId: '4', amount: 4 },
          ],
        }),
      },
    ],
    'select account_id, transaction_id, amount::integer from fdx.deposit_transactions order by all',
  )
  expect(rows).toEqual([
    ['a', '1', '1'],
    ['a', '2', '2'],
    ['a', '3', '3'],
    ['a', '4', '4'],
  ])
  expect(report.rejects).toBe(0)
})

test('bare lists, bare records and one record where its list should be are read', async () => {
  const { rows } = await loaded(
    [
      { marks: ['bare_record'], body: '{"depositAccount":{"accountId":"a"}}' },
      { marks: ['bare_list'], body: '[{"depositAccount":{"accountId":"b"}}]' },
      { body: '{"accounts":{"depositAccount":{"accountId":"c"}}}' },
      { body: '{"accounts":null}' },
    ],
    'select account_id from fdx.deposit_accounts order by 1',
  )
  expect(rows).toEqual([['a'], ['b'], ['c']])
})

test('what is no record, or has no id, is a reject; the rest of the page loads', async () => {
  const { rows, report } = await loaded(
    [
      {
        body: '{"accounts":[1,null,"x",[],{"depositAccount":{}},{"depositAccount":{"accountId":"a","transactions":[null,7,{"amount":3}]}}]}',
      },
      { body: '{"accounts":[{"depositAccount":{"accountId":"b","transactions":"none"}}]}' },
      { entity: 'fdx.transactions', body: '{"transactions":[{"transactionId":"1"}]}' },
      { marks: ['not_json'], body: '"<html>"' },
      { body: '{"oops":1}' },
    ],
    'select reason, count(*) from ops.rejects group by 1 order by 1',
  )
  expect(rows).toEqual([
    ['ID_MISSING', '2'],
    ['ITEM_INVALID', '7'],
    ['PAGE_NOT_JSON', '1'],
    ['PAGE_WITHOUT_LIST', '1'],
  ])
  expect(report.tables['fdx.deposit_accounts']).toBe(2)
  expect(report.tables['fdx.deposit_transactions']).toBe(1)
  expect(report.pages).toBe(5)
})

test('what is no record in a list inside a record is a reject with its place; null is nothing', async () => {
  const { rows, report } = await loaded(
    [
      {
        body: '{"accounts":[{"investmentAccount":{"accountId":"a","holdings":[{"holdingId":"h"},5,"x",null,["y"]]}}]}',
      },
    ],
    'select key, field, reason, raw from ops.rejects order by key',
  )
  expect(report.tables['fdx.holdings']).toBe(1)
  expect(rows.map(([, ...rest]) => rest)).toEqual(
    ['5', '"x"', '["y"]'].map((raw) => ['holdings', 'ITEM_INVALID', raw]),
  )
  expect(rows.map(([key]) => key)).toEqual([2, 3, 5].map((at) => `a/0/${at}`))
})

test('a Flinks payload keeps leading zeros, holders in both shapes, and rows with debit and credit', async () => {
  const body = JSON.stringify({
    HttpStatusCode: 200,
    InstitutionName: 'F',
    Login: { Id: 'l' },
    Accounts: [
      {
        Id: 'a',
        TransitNumber: '00123',
        InstitutionNumber: '007',
        Type: 'CreditCard',
        Balance: { Current: 250.5 },
        Holder: { Name: 'A', Address: { POBox: '1' } },
        Transactions: [{ Id: 't', Date: '2025-01-31', Debit: 3, Credit: 1 }],
      },
      { Id: 'b', Holder: 'Bare', Balance: { Current: null }, Transactions: null },
    ],
  })
  using folder = dataFolder()
  folder.segment('flinks.detail', [pageLine({ entity: 'flinks.detail', body })])
  const report = await folder.load()
  expect(report.rejects).toBe(0)
  expect(
    (
      await folder.query(
        'select transit_number, institution_number, login_id from flinks.accounts order by account_id',
      )
    ).rows,
  ).toEqual([
    ['00123', '007', 'l'],
    [null, null, 'l'],
  ])
  expect(
    (await folder.query('select name, address_po_box from flinks.holders order by account_id'))
      .rows,
  ).toEqual([
    ['A', '1'],
    ['Bare', null],
  ])
  expect(
    (
      await folder.query(
        'select signed_amount::integer, sign_rule, account_kind from mart.transactions',
      )
    ).rows,
  ).toEqual([['-2', 'credit_minus_debit_both', 'loc']])
  expect(
    (
      await folder.query(
        `select net_worth_balance::decimal(9,2) from mart.accounts where account_id = 'a'`,
      )
    ).rows,
  ).toEqual([['-250.50']])
})

test('old and new names of one value share a column', async () => {
  const accounts = [
    {
      investmentAccount: {
        accountId: 'a',
        calendaryearFor401K: '2024-01-01T00:00:00Z',
        holdings: [
          { securityId: 'X', securityIdType: 'CUSIP' },
          {
            securityIds: [{ id: 'Y', idType: 'ISIN' }],
            security: { securityCategory: 'DEBT_SECURITY', parValue: 100 },
          },
        ],
      },
    },
    {
      depositAccount: {
        accountId: 'b',
        currency: 'CAD',
        accountClosedDate: '2024-05-06T00:00:00Z',
      },
    },
  ]
  using folder = dataFolder()
  folder.segment('fdx.accounts', [pageLine({ body: JSON.stringify({ accounts }) })])
  folder.segment('fdx.customers', [
    pageLine({
      entity: 'fdx.customers',
      marks: ['bare_record'],
      body: '{"customer":{"customerId":"c","email":["a@b"],"telephones":null}}',
    }),
  ])
  const report = await folder.load()
  expect(report.rejects).toBe(0)
  expect(
    (
      await folder.query(
        'select security_id, security_id_type, debt_par_value::integer from fdx.holdings order by ordinal',
      )
    ).rows,
  ).toEqual([
    ['X', 'CUSIP', null],
    ['Y', 'ISIN', '100'],
  ])
  expect(
    (await folder.query('select currency, account_close_date, extra from fdx.deposit_accounts'))
      .rows,
  ).toEqual([['CAD', '2024-05-06', null]])
  expect((await folder.query('select emails, telephones from fdx.customers')).rows).toEqual([
    ['["a@b"]', null],
  ])
})
