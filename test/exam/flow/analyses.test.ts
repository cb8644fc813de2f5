import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { analyses, analysesPage, analysisText } from '../../../src/cli/analyses.ts'
import {
  dayOf,
  exact,
  type Known,
  keyOf,
  lastNight,
  posted,
  type TwoNights,
  trueBalances,
  twoNights,
  yearBack,
} from '../../support/two-nights.ts'

vi.setConfig({ testTimeout: 120_000 })

let scene: TwoNights
let accounts: readonly Known[]

beforeAll(async () => {
  scene = await twoNights()
  accounts = scene.accounts
})
afterAll(() => scene[Symbol.asyncDispose]())

/** Columns of an analysis, row by row. */
const run = (name: string, columns: string) =>
  scene.ask(`select ${columns} from (\n${analysisText(name).trim().replace(/;$/, '')}\n)`)

const ofKind = (...kinds: string[]) =>
  accounts.filter(({ account }) => kinds.includes(account.kind))
const isFdx = ({ connection }: Known) => connection.protocol === 'fdx'
const idOf = ({ connection, account }: Known) => keyOf(connection.id, account.accountId)
const sum = (amounts: bigint[]) => amounts.reduce((a, b) => a + b, 0n)

test('each is a page of its own, and the page is in step', () => {
  expect(analyses().length).toBeGreaterThan(12)
  expect(analysesPage()).toBe(readFileSync('docs/analyses.md', 'utf8'))
})

test('@net_worth: the sum of the last night', async () => {
  const rows = await run('net_worth', 'connection_id, net_worth, day')
  for (const [id, worth, day] of rows) {
    const mine = accounts.filter(({ connection }) => connection.id === id)
    const known = mine.filter(
      ({ account }) => !['insurance', 'investment', 'annuity'].includes(account.kind),
    )
    if (known.length === mine.length)
      expect([day, exact(worth)]).toEqual([
        lastNight,
        sum(known.map(({ account }) => exact(account.closingBalance))),
      ])
  }
  expect(rows.length).toBe(9)
})

test('@cash_flow: what came into deposit accounts in October', async () => {
  const rows = await run('cash_flow', 'connection_id, money_in, money_out, month')
  const found = rows.filter(([, , , month]) => month === '2026-10-01')
  for (const [id, into, out] of found) {
    const amounts = ofKind('deposit')
      .filter(({ connection }) => connection.id === id)
      .flatMap(({ account }) => posted(account))
      .filter((one) => dayOf(one).startsWith('2026-10'))
      .map(({ signedAmount }) => exact(signedAmount))
    expect([exact(into), exact(out)]).toEqual([
      sum(amounts.filter((amount) => amount > 0n)),
      -sum(amounts.filter((amount) => amount < 0n)),
    ])
  }
  expect(found.length).toBe(9)
})

test('@overdraft_days: every day below zero', async () => {
  const rows = await run('overdraft_days', 'connection_id, account_id, days_below_zero, lowest')
  const expected = ofKind('deposit').flatMap((one) => {
    const first = posted(one.account)[0]
    const from = first === undefined ? lastNight : dayOf(first)
    const start = isFdx(one) || from > yearBack ? from : yearBack
    const below = [...trueBalances(one.account, from, lastNight)].filter(
      ([day, balance]) => day >= start && balance < 0n,
    )
    const lowest = below.reduce((least, [, balance]) => (balance < least ? balance : least), 0n)
    return below.length === 0 ? [] : [[idOf(one), below.length, lowest]]
  })
  const found = rows.map(([c, a, days, lowest]) => [keyOf(c, a), Number(days), exact(lowest)])
  expect(found.filter(([id]) => isKnownFrom(String(id)))).toEqual(
    expect.arrayContaining(expected.filter(([id]) => isKnownFrom(String(id)))),
  )
  expect(expected.length).toBeGreaterThan(0)
})

/** Of Flinks accounts only a year is known, and the balance before it is carried back. */
const isKnownFrom = (id: string) => accounts.some((one) => isFdx(one) && idOf(one) === id)

test('@income: pay is found, with its size; transfers between own accounts are not', async () => {
  const rows = await run('income', 'connection_id, account_id, payer, payments, smallest, largest')
  const credits = Map.groupBy(
    ofKind('deposit')
      .filter(isFdx)
      .flatMap((one) =>
        posted(one.account)
          .filter(({ fields }) => fields['transactionType'] === 'DIRECTDEPOSIT')
          .map((credit) => ({ id: idOf(one), credit })),
      ),
    ({ id, credit: { fields } }) => `${id} ${fields['payee'] ?? fields['description']}`,
  )
  const found = new Map(rows.map(([c, a, payer, ...rest]) => [`${keyOf(c, a)} ${payer}`, rest]))
  let seen = 0
  for (const [key, paid] of credits) {
    const row = found.get(key)
    if (row === undefined) continue
    const amounts = paid.map(({ credit }) => exact(credit.amount)).sort((a, b) => (a < b ? -1 : 1))
    expect([key, Number(row[0]), exact(row[1]), exact(row[2])]).toEqual([
      key,
      amounts.length,
      amounts[0],
      amounts.at(-1),
    ])
    seen += 1
  }
  const people = new Set(accounts.filter(isFdx).map(({ connection }) => connection.id)).size
  expect(seen).toBeGreaterThanOrEqual(people - 1)
  expect(rows.filter(([, , payer]) => /transfer/i.test(String(payer)))).toEqual([])
})

test('@recurring_payments: the monthly loan payment of everyone who owes one', async () => {
  const rows = await run('recurring_payments', 'connection_id, payee, payments, usual_amount')
  for (const loan of ofKind('loan').filter(isFdx)) {
    const size = exact(loan.account.fields['nextPaymentAmount'])
    const found = rows.find(
      ([id, , , usual]) => id === loan.connection.id && exact(String(usual)) === size,
    )
    expect([idOf(loan), Number(found?.[2])]).toEqual([idOf(loan), expect.toSatisfy((n) => n >= 4)])
  }
})

test('@loan_amortisation and @loan_progress: all that is owed is paid in the end', async () => {
  const years = await run('loan_amortisation', 'connection_id, account_id, principal, year')
  const progress = await run(
    'loan_progress',
    'connection_id, account_id, original_principal, principal_balance, percent_paid',
  )
  let compared = 0
  for (const loan of ofKind('loan').filter(isFdx)) {
    const mine = years.filter(([c, a]) => keyOf(c, a) === idOf(loan))
    const owed = -exact(loan.account.closingBalance)
    expect(sum(mine.map(([, , principal]) => exact(principal)))).toBe(owed)
    const row = progress.find(([c, a]) => keyOf(c, a) === idOf(loan))
    expect(exact(row?.[3])).toBe(owed)
    if (row?.[2] === null) continue // a field that this account's bank does not send
    compared += 1
    const original = exact(loan.account.fields['originalPrincipal'])
    expect(exact(row?.[2])).toBe(original)
    const percent = Number(((original - owed) * 10_000n) / original) / 100
    expect(Math.abs(Number(row?.[4]) - percent)).toBeLessThanOrEqual(0.01)
  }
  expect(compared).toBeGreaterThan(0)
})

test('@credit_utilization and @utilization_trend: full is full, and the trend ends where it is', async () => {
  const rows = await run('credit_utilization', 'connection_id, account_id, percent_used')
  expect(rows.map(([, , used]) => Number(used))).toEqual(
    rows.map(([, , used]) => Number(used)).sort((a, b) => b - a),
  )
  const trend = await run('utilization_trend', 'connection_id, account_id, month_end, owed')
  for (const line of ofKind('line').filter(isFdx)) {
    const september = trend.find(
      ([c, a, end]) => keyOf(c, a) === idOf(line) && end === '2026-09-30',
    )
    const [last] = [...trueBalances(line.account, '2024-01-01', '2026-09-30')].slice(-1)
    expect([idOf(line), exact(september?.[3])]).toEqual([idOf(line), -(last?.[1] ?? 0n)])
  }
})

test('@holdings_concentration: the shares of a connection are the whole', async () => {
  const rows = await run(
    'holdings_concentration',
    'distinct connection_id, currency, sum(percent_of_portfolio) over (partition by connection_id, currency)',
  )
  expect(rows.length).toBeGreaterThan(3)
  for (const [, , percent] of rows) expect(Math.abs(Number(percent) - 100)).toBeLessThan(0.1)
})

test('@largest_payments: the largest is the largest', async () => {
  const [largest] = await run('largest_payments', 'signed_amount, date')
  const newest =
    accounts
      .flatMap(({ account }) => account.transactions.map(dayOf))
      .filter((day) => /^\d/.test(day))
      .sort()
      .at(-1) ?? ''
  const from = new Date(Date.parse(newest) - 90 * 86_400_000).toISOString().slice(0, 10)
  const amounts = ofKind('deposit', 'line')
    .flatMap(({ account }) => posted(account))
    .filter((one) => dayOf(one) > from)
    .map(({ signedAmount }) => exact(signedAmount))
  expect(exact(largest?.[0])).toBe(amounts.reduce((least, one) => (one < least ? one : least), 0n))
})

test('@completeness: nothing of an honest bank is missing; @breaks: nothing breaks', async () => {
  const rows = await run(
    'completeness',
    'connection_id, accounts, without_date, without_amount, rejected_values',
  )
  for (const [id, count, ...faults] of rows) {
    const mine = accounts.filter(({ connection }) => connection.id === id)
    // Flinks states money only: a movement of units has neither credit nor debit.
    const unitsOnly = mine
      .filter((one) => !isFdx(one))
      .flatMap(({ account }) => posted(account))
      .filter((one) => Number(one.amount) === 0 && dayOf(one) >= yearBack)
    expect([id, Number(count), faults]).toEqual([
      id,
      mine.length,
      ['0', String(unitsOnly.length), expect.any(String)],
    ])
  }
  expect(rows.length).toBe(9)
  expect(await run('breaks', '*')).toEqual([])
})

test('@consents_ending and @stale_connections: by the clock, whom to ask', async () => {
  const stale = new Set((await run('stale_connections', 'connection_id')).map(([id]) => id))
  const good = await scene.ask('select connection_id, epoch_ms(last_good_at) from ops.connections')
  const twoDays = Date.now() - 2 * 86_400_000
  expect(stale).toEqual(new Set(good.filter(([, at]) => Number(at) < twoDays).map(([id]) => id)))
  const ending = new Set((await run('consents_ending', 'connection_id')).map(([id]) => id))
  const consents = await scene.ask('select connection_id, epoch_ms(ends_at) from ops.consents')
  const soon = Date.now() + 30 * 86_400_000
  expect(ending).toEqual(
    new Set(consents.filter(([, at]) => at !== null && Number(at) < soon).map(([id]) => id)),
  )
})
