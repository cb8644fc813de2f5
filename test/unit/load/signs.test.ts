import { expect, test } from 'vitest'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

test('what is owed lowers net worth, whatever the kind and however its type is spelled', async () => {
  using folder = dataFolder()
  const commercial = (accountType: string) => ({
    commercialAccount: { accountId: accountType, accountType, currentLedgerBalance: 10 },
  })
  folder.segment('fdx.accounts', [
    pageLine({
      body: JSON.stringify({
        accounts: [
          ...['COMMERCIALDEPOSIT', 'CommercialLoan', 'COMMERCIALINEOFCREDIT'].map(commercial),
          { accountId: 'bnpl', accountCategory: 'bnpl_account', currentBalance: 10 },
          {
            accountId: 'other',
            accountCategory: 'X',
            balanceType: 'liability',
            currentBalance: 10,
          },
        ],
      }),
    }),
  ])
  await folder.load()
  const signed = async (table: string) =>
    (await folder.query(`select account_id, net_worth_balance::integer from ${table} order by 1`))
      .rows
  const expected = [
    ['COMMERCIALDEPOSIT', '10'],
    ['COMMERCIALINEOFCREDIT', '-10'],
    ['CommercialLoan', '-10'],
    ['bnpl', '-10'],
    ['other', '-10'],
  ]
  expect(await signed('mart.accounts')).toEqual(expected)
  expect(await signed('history.balances')).toEqual(expected)
})

test('Flinks: limit and available credit tell whether a card’s balance is owed', async () => {
  using folder = dataFolder()
  const card = (Id: string, Current: number, Available: number | null) => ({
    Id,
    Type: 'CreditCard',
    Balance: { Current, Available, Limit: Available === null ? null : 1000 },
  })
  folder.segment('flinks.detail', [
    pageLine({
      entity: 'flinks.detail',
      body: JSON.stringify({
        Login: { Id: 'l' },
        Accounts: [
          card('1 owed', 200, 800),
          card('2 owed, negative', -200, 800),
          card('3 overpaid', -50, 1050),
          card('4 overpaid, positive', 50, 1050),
          card('5 unknown', 70, null),
        ],
      }),
    }),
  ])
  await folder.load()
  for (const table of ['mart.accounts', 'history.balances']) {
    const { rows } = await folder.query(
      `select net_worth_balance::integer from ${table} order by account_id`,
    )
    expect(rows.flat()).toEqual(['-200', '-200', '50', '50', '-70'])
  }
})

test('a transaction type says the direction in any case', async () => {
  using folder = dataFolder()
  const bought = { transactionId: 't', amount: 5, transactionType: 'PosDebit' }
  folder.segment('fdx.transactions', [
    pageLine({
      entity: 'fdx.transactions',
      account_id: 'a',
      body: JSON.stringify({ transactions: [{ depositTransaction: bought }] }),
    }),
  ])
  await folder.load()
  expect(
    (await folder.query('select signed_amount::integer, sign_rule from mart.transactions')).rows,
  ).toEqual([['-5', 'transaction_type']])
})
