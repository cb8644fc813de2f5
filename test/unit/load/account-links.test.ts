import { expect, test, vi } from 'vitest'
import { analysisText } from '../../../src/cli/analyses.ts'
import type { LoadedEntity } from '../../../src/load/loaded.ts'
import { type Connection, saveConnection } from '../../../src/state/connections.ts'
import { dataFolder, type Fixture, pageLine } from './warehouse-fixture.ts'

vi.setConfig({ testTimeout: 120_000 })

const at = (n: number) => `2026-03-0${n}T10:00:00.000Z`
const page = (
  entity: LoadedEntity,
  connection_id: string,
  n: number,
  body: object,
  account_id: string | null = null,
) =>
  pageLine({
    entity,
    connection_id,
    account_id,
    provider: entity.startsWith('flinks') ? 'flinks' : 'maple',
    page_id: `${entity}-${connection_id}-${n}`,
    pull_id: `${entity}-${connection_id}-${n}`,
    window_start: entity === 'fdx.transactions' ? `2026-0${n}-01` : null,
    window_end: entity === 'fdx.transactions' ? '2026-03-09' : null,
    fetched_at: at(n),
    body: JSON.stringify(body),
  })

const customer = (id: string, mail: string) => ({ customers: [{ customerId: id, email: [mail] }] })
const account = (accountId: string, digits: string) => ({
  accounts: [
    {
      depositAccount: {
        accountId,
        accountNumberDisplay: `****${digits}`,
        currentBalance: 100,
        balanceAsOf: '2026-03-05',
        currency: { currencyCode: 'CAD' },
      },
    },
  ],
})
const posted = (days: readonly string[]) => ({
  transactions: days.map((day) => ({
    depositTransaction: {
      transactionId: day,
      amount: 1,
      debitCreditMemo: 'CREDIT',
      status: 'POSTED',
      postedTimestamp: day,
    },
  })),
})

function connect(folder: Fixture, id: string, state: Connection['state']): void {
  saveConnection(folder.state, {
    id,
    provider: 'maple',
    protocol: 'fdx',
    subject: null,
    label: '',
    state,
    reason: '',
    scopes: '',
    consent_given_at: null,
    consent_ends_at: null,
    created_at: at(1),
    updated_at: at(1),
    last_good_at: null,
  })
}

const linked = async (folder: Fixture) =>
  (
    await folder.query(
      'select connection_id, account_id, other_connection_id, other_account_id, rule from history.account_links order by all',
    )
  ).rows.map((row) => row.join(' '))

test('one account through FDX and through Flinks, by its full number; another with the same last digits is not', async () => {
  using folder = dataFolder()
  folder.segment('fdx.customers', [page('fdx.customers', 'c1', 1, customer('p', 'a@example.com'))])
  folder.segment('fdx.accounts', [page('fdx.accounts', 'c1', 1, account('a', '6789'))])
  folder.segment('fdx.payment_networks', [
    page(
      'fdx.payment_networks',
      'c1',
      1,
      {
        paymentNetworks: [
          {
            bankId: '1',
            identifier: '0123456789',
            identifierType: 'ACCOUNT_NUMBER',
            type: 'CA_ACSS',
          },
        ],
      },
      'a',
    ),
  ])
  const flinks = (Id: string, AccountNumber: string) => ({
    Id,
    AccountNumber,
    Type: 'Chequing',
    Category: 'Operations',
    Currency: 'CAD',
    Balance: { Current: 5 },
    Holder: { Name: 'x', Email: 'a@example.com' },
  })
  folder.segment('flinks.detail', [
    page('flinks.detail', 'f1', 2, {
      Login: { Id: 'l' },
      Accounts: [flinks('x', '123456789'), flinks('y', '987456789')],
    }),
  ])
  await folder.load()
  expect(await linked(folder)).toEqual(['c1 a f1 x number'])
  const { rows } = await folder.query(
    'select connection_id, other_connection_id, score, is_replaced from mart.account_links order by all',
  )
  expect(rows).toEqual([
    ['c1', 'f1', '0.950', 'false'],
    ['f1', 'c1', '0.950', 'false'],
  ])
  const shared = await folder.query(analysisText('shared_accounts'))
  expect(shared.rows.map((row) => row.join(' '))).toEqual([
    'flinks f1 x maple c1 a number 0.950 false',
  ])
})

test('who connects anew is in the marts once; what only the old connection has read stays', async () => {
  using folder = dataFolder()
  connect(folder, 'old', 'revoked')
  connect(folder, 'new', 'active')
  connect(folder, 'joint', 'active')
  const people = { old: 'p', new: 'p', joint: 'q' }
  folder.segment(
    'fdx.customers',
    Object.entries(people).map(([id, who]) =>
      page('fdx.customers', id, 1, customer(who, `${who}@example.com`)),
    ),
  )
  folder.segment('fdx.accounts', [
    page('fdx.accounts', 'old', 1, account('a', '6789')),
    page('fdx.accounts', 'new', 2, account('a', '6789')),
    page('fdx.accounts', 'joint', 2, account('a', '6789')),
  ])
  folder.segment('fdx.transactions', [
    page('fdx.transactions', 'old', 1, posted(['2026-01-15', '2026-02-15', '2026-03-01']), 'a'),
    page('fdx.transactions', 'new', 2, posted(['2026-02-15', '2026-03-01']), 'a'),
  ])
  await folder.load()
  expect(await linked(folder)).toEqual(['old a new a same_id'])
  const of = async (mart: string, columns: string) =>
    (await folder.query(`select ${columns} from ${mart} order by all`)).rows.map((row) =>
      row.join(' '),
    )
  expect(await of('mart.accounts', 'connection_id')).toEqual(['joint', 'new'])
  expect(await of('mart.transactions', 'connection_id, date')).toEqual([
    'new 2026-02-15',
    'new 2026-03-01',
    'old 2026-01-15',
  ])
  expect(await of('fdx.transactions', 'connection_id')).toHaveLength(5)
  const worth = await folder.query(
    `select connection_id, net_worth::integer from mart.net_worth_daily where day = '2026-03-05' and connection_id <> 'joint'`,
  )
  expect(worth.rows).toEqual([['new', '100']])
})

test('a business account through FDX and through Flinks is one', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [
    page('fdx.accounts', 'c1', 1, {
      accounts: [
        {
          commercialAccount: {
            accountId: 'a',
            accountType: 'COMMERCIALDEPOSIT',
            accountNumber: '0123456789',
            currency: { currencyCode: 'CAD' },
          },
        },
      ],
    }),
  ])
  folder.segment('flinks.detail', [
    page('flinks.detail', 'f1', 2, {
      Login: { Id: 'l' },
      Accounts: [{ Id: 'x', AccountNumber: '123456789', Type: 'Chequing', Currency: 'CAD' }],
    }),
  ])
  await folder.load()
  expect(await linked(folder)).toEqual(['c1 a f1 x number'])
})

test('Flinks transactions of a replaced connection keep their account’s kind, name and currency', async () => {
  using folder = dataFolder()
  connect(folder, 'old', 'revoked')
  connect(folder, 'new', 'active')
  const answer = (id: string, n: number, days: readonly string[]) =>
    page('flinks.detail', id, n, {
      Login: { Id: id },
      Accounts: [
        {
          Id: `${id}-card`,
          Title: 'Gold',
          Type: 'CreditCard',
          AccountNumber: '5500001234567',
          Currency: 'CAD',
          Balance: { Current: 10 },
          Transactions: days.map((day) => ({ Id: day, Date: day, Debit: 1 })),
        },
      ],
    })
  folder.segment('flinks.detail', [
    answer('old', 1, ['2026-01-15', '2026-02-15']),
    answer('new', 2, ['2026-02-15', '2026-03-01']),
  ])
  await folder.load()
  const { rows } = await folder.query(
    'select connection_id, date, account_kind, account_name, currency from mart.transactions order by date',
  )
  expect(rows.map((row) => row.join(' '))).toEqual([
    'old 2026-01-15 loc Gold CAD',
    'new 2026-02-15 loc Gold CAD',
    'new 2026-03-01 loc Gold CAD',
  ])
})
