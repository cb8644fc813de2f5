import { expect, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import type { SandboxClient } from '../../support/sandbox.ts'
import { clientOf } from '../../support/sandbox.ts'

type Fields = Record<string, unknown>
type Wrapped = Record<string, Fields>

async function accountsOf<T>(client: SandboxClient): Promise<readonly T[]> {
  return (await client.get('/accounts?resultType=details')).json<{ accounts: T[] }>().accounts
}

test('/outbound wraps, leaves accountCategory out of every third account, and has integer codes', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const client = await clientOf(sandbox, 'outbound', 0)
  const accounts = await accountsOf<Wrapped>(client)
  expect(accounts.map((one) => Object.keys(one))).toEqual([
    ['depositAccount'],
    ['depositAccount'],
    ['locAccount'],
    ['investmentAccount'],
    ['loanAccount'],
  ])
  expect(accounts[0]?.['depositAccount']?.['accountCategory']).toBe('DEPOSIT_ACCOUNT')
  expect(accounts[2]?.['locAccount']).not.toHaveProperty('accountCategory')
  const [embedded] = (accounts[0]?.['depositAccount']?.['transactions'] ?? []) as Fields[]
  expect(embedded).toHaveProperty('transactionId')
  expect((await client.get('/accounts/99')).json()['code']).toBe(701)
})

test('/rotating has text codes, ids as numbers, amounts as text, and accounts with all their rows', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const first = await clientOf(sandbox, 'rotating', 1)
  const [chequing, savings] = await accountsOf<Wrapped>(first)
  expect(chequing?.['depositAccount']?.['accountId']).toBe(7_300_000_100)
  expect(chequing?.['depositAccount']?.['currentBalance']).toBeTypeOf('number')
  expect(savings?.['depositAccount']?.['currentBalance']).toMatch(/^\d+\.\d\d$/)
  expect(savings?.['depositAccount']).toMatchObject({ status: 'active', displayName: 'SAVINGS 1' })
  expect((await first.get('/accounts/99')).json()['code']).toBe('701')
  expect((await first.get('/customers/current')).json()).toHaveProperty('customer.email')

  const whole = await clientOf(sandbox, 'rotating', 0)
  const [full] = await accountsOf<Wrapped>(whole)
  expect(full?.['depositAccount']?.['transactionsIncluded']).toBe(true)
  expect(full?.['depositAccount']?.['transactions']).toHaveLength(
    sandbox.truth('rotating', 0).accounts[0]?.transactions.length ?? 0,
  )
  const odd = await clientOf(sandbox, 'rotating', 3)
  expect(Object.keys((await accountsOf<Wrapped>(odd))[1] ?? {})).toEqual(['payrollAccount'])
  const contact = await whole.get(`/accounts/7300000000/contact`)
  expect(contact.json()).toHaveProperty('holders.0.relationship', 'PRIMARY')
})

test('/v6 is flat, with lists of security ids and one security object; v5 has scalars and six keys', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const holdingOf = (account: Fields | undefined) => ((account?.['holdings'] ?? []) as Fields[])[0]
  const six = await accountsOf<Fields>(await clientOf(sandbox, 'v6', 0))
  expect(six.map((one) => one['accountCategory'])).toEqual([
    'DEPOSIT_ACCOUNT',
    'LOC_ACCOUNT',
    'INVESTMENT_ACCOUNT',
    'INSURANCE_ACCOUNT',
    'COMMERCIAL_ACCOUNT',
  ])
  expect(holdingOf(six[2])).toMatchObject({
    securityIds: [{ idType: 'CUSIP' }],
    security: { securityCategory: 'STOCK_SECURITY' },
  })
  expect(holdingOf(six[2])).not.toHaveProperty('securityId')
  const five = await accountsOf<Wrapped>(await clientOf(sandbox, 'outbound', 0))
  expect(holdingOf(five[3]?.['investmentAccount'])).toMatchObject({
    securityIdType: 'CUSIP',
    stockSecurity: { stockType: 'COMMON' },
  })
  expect(holdingOf(five[3]?.['investmentAccount'])).not.toHaveProperty('securityIds')
})

test('the newest statement of some accounts is made when it is first asked for', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const client = await clientOf(sandbox, 'outbound', 0)
  const path = '/accounts/12/statements'
  const statusOf = async () =>
    (await client.get(path)).json<{ statements: Fields[] }>().statements[0]?.['status']
  expect(await statusOf()).toBe('PROCESSING')
  expect((await client.get(`${path}/st-2026-05`)).json()['code']).toBe(1300)
  expect((await client.get(`${path}/st-2026-05`)).status).toBe(200)
  expect(await statusOf()).toBe('AVAILABLE')
})
