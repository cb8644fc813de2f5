import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SandboxAccount } from '../../../src/sandbox/sandbox.ts'
import {
  dayOf,
  exact,
  type Known,
  keyOf,
  lastNight,
  nextYear,
  posted,
  type TwoNights,
  trueBalances,
  twoNights,
  yearBack,
} from '../../support/two-nights.ts'

let scene: TwoNights
let accounts: readonly Known[]
const ask = (sql: string) => scene.ask(sql)

beforeAll(async () => {
  scene = await twoNights()
  accounts = scene.accounts
})
afterAll(() => scene[Symbol.asyncDispose]())

/** Kinds whose balance moves by their transactions alone. */
const moving = new Set(['deposit', 'line', 'loan', 'commercial', 'wallet'])

describe('balances_daily', () => {
  test('every day between the first movement and the last night is true to the cent', async () => {
    const rows = await ask(
      'select connection_id, account_id, day, net_worth_balance, basis from mart.balances_daily order by all',
    )
    const found = new Map(
      rows.map(([connection, account, day, balance, basis]) => [
        `${keyOf(connection, account)} ${day}`,
        { balance, basis },
      ]),
    )
    const bases: Record<string, number> = {}
    const wrong: string[] = []
    for (const { connection, account } of accounts) {
      if (!moving.has(account.kind)) continue
      const key = keyOf(connection.id, account.accountId)
      const shown = posted(account)[0]
      const from = account === undefined || shown === undefined ? lastNight : dayOf(shown)
      const start = connection.protocol === 'flinks' && from < yearBack ? yearBack : from
      for (const [day, balance] of trueBalances(account, from, lastNight)) {
        if (day < start) continue
        const row = found.get(`${key} ${day}`)
        if (row === undefined || exact(row.balance) !== balance)
          wrong.push(`${account.kind} ${key} ${day}: ${row?.balance} for ${balance}`)
        bases[row?.basis ?? 'none'] = (bases[row?.basis ?? 'none'] ?? 0) + 1
      }
    }
    expect(wrong.slice(0, 10)).toEqual([])
    expect(bases).toEqual({
      stated: expect.any(Number),
      moved: expect.any(Number),
      walked_back: expect.any(Number),
    })
  })

  test('what moves by itself has stated balances only', async () => {
    const rows = await ask(
      `select distinct account_kind, basis from mart.balances_daily where account_kind in ('investment', 'annuity', 'other')`,
    )
    expect(new Set(rows.map(([, basis]) => basis))).toEqual(new Set(['stated']))
    expect(rows.length).toBe(3)
  })
})

test('net_worth_daily is the sum of the balances, and true on the last night', async () => {
  const different = await ask(
    `with summed as (
       select provider, connection_id, currency, day, sum(net_worth_balance) as net_worth, count(*) as accounts,
         sum(greatest(net_worth_balance, 0)) as assets
       from mart.balances_daily group by all
     )
     from summed as s full join mart.net_worth_daily as n
       on n.connection_id = s.connection_id and n.currency = s.currency and n.day = s.day
     where (s.net_worth, s.accounts, s.assets) is distinct from (n.net_worth, n.accounts, n.assets)
        or n.net_worth <> n.assets - n.liabilities`,
  )
  expect(different).toEqual([])
  const rows = await ask(
    `select connection_id, sum(net_worth) from mart.net_worth_daily where day = '${lastNight}' group by all`,
  )
  const expected = new Map<string, bigint>()
  for (const { connection, account } of accounts) {
    if (account.kind === 'insurance') continue // states no value
    const before = expected.get(connection.id) ?? 0n
    const worth = connection.protocol === 'flinks' ? account.closingBalance : trueWorth(account)
    expected.set(connection.id, before + exact(worth))
  }
  expect(new Map(rows.map(([id, worth]) => [id, exact(worth)]))).toEqual(expected)
})

/** What the bank says the account is worth, from the customer’s side. */
function trueWorth({ kind, fields, closingBalance }: SandboxAccount): unknown {
  if (kind === 'investment') return fields['currentValue']
  if (kind === 'annuity') return fields['surrenderValue'] ?? fields['netPresentValue']
  return closingBalance
}

test('cash_flow_monthly is the sum of what was posted', async () => {
  const rows = await ask(
    'select connection_id, account_id, month, money_in, money_out, net, payments_in, payments_out from mart.cash_flow_monthly order by all',
  )
  const kinds = new Set(['deposit', 'line', 'commercial', 'wallet', 'bnpl', 'payroll'])
  const expected = accounts
    .filter(({ connection, account }) => connection.protocol === 'fdx' && kinds.has(account.kind))
    .flatMap(({ connection, account }) => {
      const months = Map.groupBy(posted(account), (one) => `${dayOf(one).slice(0, 7)}-01`)
      return [...months].map(([month, movements]) => {
        const signed = movements.map(({ signedAmount }) => exact(signedAmount))
        const into = signed.filter((amount) => amount > 0n)
        const out = signed.filter((amount) => amount < 0n)
        const sum = (list: bigint[]) => list.reduce((a, b) => a + b, 0n)
        return [
          keyOf(connection.id, account.accountId),
          month,
          ...[sum(into), -sum(out), sum(signed), into.length, out.length].map(String),
        ]
      })
    })
  const flinks = new Set(
    accounts.filter((one) => one.connection.protocol === 'flinks').map((one) => one.connection.id),
  )
  const found = rows
    .filter(([connection]) => !flinks.has(String(connection)))
    .map(([connection, account, month, into, out, net, ins, outs]) => [
      keyOf(connection, account),
      month,
      ...[exact(into), exact(out), exact(net), ins, outs].map(String),
    ])
  expect(found).toEqual(expected.sort((a, b) => (a.join() < b.join() ? -1 : 1)))
  expect(rows.some(([connection]) => flinks.has(String(connection)))).toBe(true)
})

test('credit_utilization: owed and limit of every line, over both protocols', async () => {
  const rows = await ask(
    'select connection_id, account_id, owed, credit_limit, limit_basis, percent_used from mart.credit_utilization',
  )
  const lines = accounts.filter(
    ({ account }) =>
      account.kind === 'line' || (account.kind === 'bnpl' && account.fields['creditLine']),
  )
  expect(rows.length).toBe(lines.length)
  const found = new Map(rows.map((row) => [keyOf(row[0], row[1]), row]))
  for (const { connection, account } of lines) {
    const row = found.get(keyOf(connection.id, account.accountId))
    const owed = -exact(account.closingBalance)
    const limit = exact(account.fields['creditLine'])
    expect([exact(row?.[2]), exact(row?.[3]), row?.[4]]).toEqual([owed, limit, 'stated'])
    const basisPoints = (2n * owed * 10_000n + limit) / (2n * limit)
    expect(exact(row?.[5])).toBe(basisPoints * 10_000_000n)
  }
})

test('holdings: value, units and cost of every one, and whole accounts where none are listed', async () => {
  const rows = await ask(
    'select connection_id, account_id, symbol, market_value, units, cost_basis, is_whole_account from mart.holdings order by all',
  )
  const text = (value: unknown) =>
    String(value)
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
  const expected = accounts.flatMap(({ connection, account }) => {
    const key = keyOf(connection.id, account.accountId)
    if (connection.protocol === 'flinks' && account.kind === 'investment')
      return [[key, 'null', text(account.closingBalance), 'null', 'null', 'true']]
    if (account.kind === 'annuity')
      return [[key, 'null', text(trueWorth(account)), 'null', 'null', 'true']]
    return account.holdings.map((holding) => {
      const { symbol, marketValue, units, taxLots } = holding as {
        symbol: string
        marketValue: string
        units: string
        taxLots?: { costBasis: string }[]
      }
      const cost = (taxLots ?? []).reduce((sum, lot) => sum + exact(lot.costBasis), 0n)
      return [key, symbol, text(marketValue), text(units), String(cost), 'false']
    })
  })
  const found = rows.map(([connection, account, symbol, value, units, cost, whole]) => [
    keyOf(connection, account),
    String(symbol),
    text(value),
    units === null ? 'null' : text(units),
    cost === null ? 'null' : String(exact(cost)),
    String(whole),
  ])
  expect(found.sort()).toEqual(expected.sort())
})

describe('loan_schedule', () => {
  test('payments made are those posted, with their parts', async () => {
    const rows = await ask(
      `select connection_id, account_id, due_date, payment, principal, interest, others from mart.loan_schedule where status = 'paid'`,
    )
    const found = rows
      .map(([connection, account, ...rest]) => [keyOf(connection, account), ...rest.map(plain)])
      .sort()
    const expected = accounts
      .filter(({ connection, account }) => connection.protocol === 'fdx' && account.kind === 'loan')
      .flatMap(({ connection, account }) =>
        payments(account).map((payment) => [keyOf(connection.id, account.accountId), ...payment]),
      )
    expect(expected.length).toBeGreaterThan(20)
    expect(found).toEqual(expected.sort())
  })

  test('payments to come are those that the bank books in the year after, to the cent', async () => {
    const rows = await ask(
      `select connection_id, account_id, due_date, payment, principal, interest, others, owed_after from mart.loan_schedule
       where status = 'scheduled' and due_date <= '${nextYear}' order by all`,
    )
    const loans = accounts.filter(
      ({ connection, account }) => connection.protocol === 'fdx' && account.kind === 'loan',
    )
    for (const { connection, account } of loans) {
      const key = keyOf(connection.id, account.accountId)
      const found = rows.filter(([c, a]) => keyOf(c, a) === key)
      const future = scene.later.get(key) as SandboxAccount
      const expected = payments(future).filter(([day]) => String(day) > lastNight)
      expect(expected.length).toBe(12)
      expect(found.map((row) => row.slice(2, 7).map(plain))).toEqual(expected)
      expect(exact(found.at(-1)?.[7])).toBe(-exact(future.closingBalance))
    }
  })

  test('ends with nothing owed', async () => {
    const rows = await ask(
      `select account_id, arg_max(owed_after, number), max(due_date) = any_value(maturity_date)
       from mart.loan_schedule join fdx.loan_accounts using (provider, connection_id, account_id)
       where mart.loan_schedule.status = 'scheduled' group by all`,
    )
    expect(rows.length).toBeGreaterThan(1)
    for (const [, owed, atMaturity] of rows) expect([exact(owed), atMaturity]).toEqual([0n, 'true'])
  })
})

const plain = (value: string | null) =>
  value === null ? '0' : /^-?\d+\.\d+$/.test(value) ? String(exact(value)) : value

/** Day, payment, principal, interest, and all else of each payment of a loan. */
function payments(account: SandboxAccount): string[][] {
  return posted(account)
    .filter(({ fields }) => fields['transactionType'] === 'PAYMENT')
    .map((one) => {
      const parts = one.fields['paymentDetails'] as Record<string, string>
      const part = (name: string) => exact(parts[`${name}Amount`] ?? '0')
      const others = part('insurance') + part('escrow') + part('pmi') + part('fees')
      const amounts = [exact(one.signedAmount), part('principal'), part('interest'), others]
      return [dayOf(one), ...amounts.map(String)]
    })
}

test('every mart, and every column of one, says what it is', async () => {
  const silent = await ask(
    `select schema_name || '.' || view_name as name from duckdb_views()
       where schema_name in ('mart', 'fdx') and not internal and coalesce(comment, '') = ''
     union all
     select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
       join duckdb_views() as v using (schema_name) where v.view_name = table_name
       and schema_name in ('mart', 'fdx') and coalesce(duckdb_columns.comment, '') = ''`,
  )
  expect(silent).toEqual([])
})
