import { expect, test } from 'vitest'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

const amount = (text: string, marks: ['long_number'] | [] = []) =>
  pageLine({
    marks,
    body: `{"accounts":[{"depositAccount":{"accountId":${JSON.stringify(text)},"currentBalance":${text}}}]}`,
  })

const exact: readonly [sent: string, read: string, long?: true][] = [
  ['5000.5', '5000.500000000'],
  ['-0.10', '-0.100000000'],
  ['"400.00"', '400.000000000'],
  ['0', '0.000000000'],
  ['123456789012345', '123456789012345.000000000'],
  ['99999999999999.99', '99999999999999.990000000', true],
  ['12345678901234567890', '12345678901234567890.000000000', true],
  ['1e3', '1000.000000000', true],
  ['1E3', '1000.000000000', true],
  ['1.5e-3', '0.001500000', true],
  ['"1e3"', '1000.000000000'],
  ['0.123456789', '0.123456789'],
  ['"0.12345678900000000"', '0.123456789'],
]

test('amounts keep every digit', async () => {
  using folder = dataFolder()
  folder.segment(
    'fdx.accounts',
    exact.map(([sent, , long]) => amount(sent, long ? ['long_number'] : [])),
  )
  const report = await folder.load()
  const { rows } = await folder.query(
    'select account_id, current_balance from fdx.deposit_accounts',
  )
  expect(Object.fromEntries(rows)).toEqual(
    Object.fromEntries(exact.map(([sent, read]) => [sent, read])),
  )
  expect(report.rejects).toBe(0)
})

const inexact = [
  '"0.1234567891"',
  '"1e400"',
  '1e400',
  '"1,200.00"',
  '"NaN"',
  '"12abc"',
  '"1_000"',
  '"0x10"',
  '{"value":1}',
  '[1]',
  'true',
  '" "',
]

test('an amount that the column can’t hold exactly is a reject, and its text stays in extra', async () => {
  using folder = dataFolder()
  folder.segment(
    'fdx.accounts',
    inexact.map((sent) => amount(sent, sent === '1e400' ? ['long_number'] : [])),
  )
  const report = await folder.load()
  const { rows } = await folder.query(
    `select current_balance, extra->>'currentBalance' from fdx.deposit_accounts`,
  )
  expect(rows).toHaveLength(inexact.length)
  for (const [value, raw] of rows) {
    expect(value).toBeNull()
    expect(raw).not.toBeNull()
  }
  expect(report.rejects).toBe(inexact.length)
})

test('quantities take eighteen places, digital units any number', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [
    pageLine({
      marks: ['long_number'],
      body: '{"accounts":[{"accountId":"i","accountCategory":"INVESTMENT_ACCOUNT","holdings":[{"units":0.123456789012345678,"digitalUnits":"0.1234567890123456789012345"},{"units":0.1234567890123456789}]}]}',
    }),
  ])
  const report = await folder.load()
  const { rows } = await folder.query(
    'select units, digital_units, extra from fdx.holdings order by ordinal',
  )
  expect(rows).toEqual([
    ['0.123456789012345678', '0.1234567890123456789012345', null],
    [null, null, '{"units":"0.1234567890123456789"}'],
  ])
  expect(report.rejects).toBe(1)
})

const instants: readonly [sent: string, read: string | null][] = [
  ['2024-01-15T10:30:00.0000000Z', '2024-01-15 10:30:00+00'],
  ['2020-11-09T00:00:00.000-0500', '2020-11-09 05:00:00+00'],
  ['2020-11-09T00:00:00+02:00', '2020-11-08 22:00:00+00'],
  ['2024-01-15T10:30:00', '2024-01-15 10:30:00+00'],
  ['2024-01-15T10:30Z', '2024-01-15 10:30:00+00'],
  ['2024-01-15', '2024-01-15 00:00:00+00'],
  ['2019-07-09T12:000:00.000Z', null],
  ['2024-02-30', null],
  ['1705314600', null],
  ['infinity', null],
  ['epoch', null],
  ['2024-01-15 10:30:00 America/New_York', null],
  ['2024-01-15T10:30:00 UTC', null],
]

test('instants in every shape, impossible ones as rejects', async () => {
  using folder = dataFolder()
  const item = ([sent]: readonly [string, string | null]) => ({
    depositAccount: { accountId: sent, balanceAsOf: sent, lastActivityDate: sent },
  })
  folder.segment('fdx.accounts', [
    pageLine({ body: JSON.stringify({ accounts: instants.map(item) }) }),
  ])
  await folder.load()
  const { rows } = await folder.query('select account_id, balance_as_of from fdx.deposit_accounts')
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(instants))
  const dates = await folder.query(
    'select account_id, last_activity_date from fdx.deposit_accounts',
  )
  for (const [sent, date] of dates.rows)
    expect(date).toBe(
      /^\d{4}-\d\d-\d\d($|[T ])/.test(sent ?? '') && sent !== '2024-02-30'
        ? sent?.slice(0, 10)
        : null,
    )
})
