import { expect, test } from 'vitest'
import type { LoadedEntity } from '../../../src/load/loaded.ts'
import { dataFolder, type Fixture, pageLine } from './warehouse-fixture.ts'

const at = (day: number) => `2026-03-0${day}T00:00:00.000Z`

async function send(folder: Fixture, entity: LoadedEntity, day: number, body: object) {
  folder.segment(entity, [
    pageLine({
      entity,
      account_id: entity === 'fdx.contact' ? 'a' : null,
      page_id: `${entity}-${day}`,
      fetched_at: at(day),
      body: JSON.stringify(body),
    }),
  ])
  return await folder.load()
}

const rows = async (folder: Fixture, sql: string) =>
  (await folder.query(sql)).rows.map((row) => row.join(' '))

test('lists inside accounts of 6.4 are rows of their own tables', async () => {
  using folder = dataFolder()
  const report = await send(folder, 'fdx.accounts', 1, {
    accounts: [
      {
        locAccount: {
          accountId: 'card',
          scheduledPayments: [
            { amount: '12.50', date: '2026-04-01', type: 'MINIMUM', payToPrincipal: false },
            { amount: 7, date: '2026-05-01' },
          ],
        },
      },
      {
        commercialAccount: {
          accountId: 'firm',
          commercialBalances: [{ commercialCode: { type: 'BTRS', code: '015' }, amount: 1.1 }],
        },
      },
      {
        depositAccount: {
          accountId: 'everyday',
          overdraftFundingSources: [{ accountId: 'card', institutionName: 'Maple' }],
        },
      },
      {
        investmentAccount: {
          accountId: 'fund',
          holdings: [
            {
              holdingId: 'h',
              securityIds: [
                { id: '1', idType: 'CUSIP' },
                { id: '2', idType: 'ISIN' },
              ],
            },
          ],
        },
      },
    ],
  })
  expect(report.rejects).toBe(0)
  expect(
    await rows(
      folder,
      'select account_id, ordinal, amount::decimal(9,2), date, type, pay_to_principal from fdx.scheduled_payments order by ordinal',
    ),
  ).toEqual(['card 1 12.50 2026-04-01 MINIMUM false', 'card 2 7.00 2026-05-01  '])
  expect(
    await rows(
      folder,
      'select commercial_code_type, commercial_code_code, amount::decimal(9,2) from fdx.commercial_balances',
    ),
  ).toEqual(['BTRS 015 1.10'])
  expect(
    await rows(
      folder,
      'select account_id, funding_account_id, institution_name from fdx.overdraft_funding_sources',
    ),
  ).toEqual(['everyday card Maple'])
  expect(
    await rows(
      folder,
      'select parent_ordinal, ordinal, security_id, security_id_type from fdx.holding_security_ids order by ordinal',
    ),
  ).toEqual(['1 1 1 CUSIP', '1 2 2 ISIN'])
  expect(await rows(folder, 'select field from ops.drift')).toEqual([])
})

const reached = {
  addresses: [{ line1: '1 Main', state: 'ON', postalCode: '00123', country: 'CA' }],
  telephones: [{ type: 'HOME', country: '1', number: '4165550100' }],
}

test('addresses and telephones of customers, accounts and holders; state is the region', async () => {
  using folder = dataFolder()
  const addresses = () =>
    rows(
      folder,
      'select coalesce(customer_id, account_id), list, parent_ordinal, ordinal, region, postal_code from fdx.addresses order by all',
    )
  await send(folder, 'fdx.customers', 1, {
    customers: [
      {
        customerId: 'p',
        ...reached,
        businessCustomer: { name: 'Roy Inc', industryCode: { type: 'NAICS', code: '44' } },
      },
    ],
  })
  await send(folder, 'fdx.contact', 1, { ...reached, holders: [{ ...reached }, { ...reached }] })
  expect(await addresses()).toEqual([
    'a contact 0 1 ON 00123',
    'a holder 1 1 ON 00123',
    'a holder 2 1 ON 00123',
    'p customer 0 1 ON 00123',
  ])
  expect(await rows(folder, 'select list, number from fdx.telephones order by all')).toEqual(
    ['contact', 'customer', 'holder', 'holder'].map((list) => `${list} 4165550100`),
  )
  expect(
    await rows(
      folder,
      'select business_customer_name, business_customer_industry_code_code from fdx.customers',
    ),
  ).toEqual(['Roy Inc 44'])
  await send(folder, 'fdx.customers', 2, { customers: [{ customerId: 'p' }] })
  await send(folder, 'fdx.contact', 2, { holders: [{ addresses: [{ region: 'QC' }] }] })
  expect(await addresses()).toEqual(['a holder 1 1 QC '])
})

test('contact data inside an account is as good as its own page, which it never replaces', async () => {
  using folder = dataFolder()
  const inside = (first: string) => ({
    accounts: [{ depositAccount: { accountId: 'a', contact: { holders: [{ name: { first } }] } } }],
  })
  const holders = () => rows(folder, 'select name_first from fdx.account_holders')
  await send(folder, 'fdx.accounts', 1, inside('Ana'))
  expect(await holders()).toEqual(['Ana'])
  await send(folder, 'fdx.accounts', 2, inside('Anna'))
  expect(await holders()).toEqual(['Anna'])
  await send(folder, 'fdx.contact', 1, { holders: [{ name: { first: 'Own' } }] })
  expect(await holders()).toEqual(['Own'])
  await send(folder, 'fdx.accounts', 3, inside('Ana'))
  expect(await holders()).toEqual(['Own'])
})
