import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Sandbox,
  type SandboxAccount,
  type SandboxPerson,
  startSandbox,
} from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import type { Connection } from '../../../src/state/connections.ts'
import { realWorld } from '../../../src/world.ts'
import { type Flow, openFlow, type SandboxProvider } from '../../support/flow.ts'

/** Two nights three weeks apart, and a day of the next year from which the truth of the future is taken. */
const nights = ['2026-10-10', '2026-11-01'] as const
const [firstNight, lastNight] = nights
const nextYear = '2027-10-31'
/** Flinks shows a year at most, from the first night. */
const yearBack = '2025-10-11'

/** Between them: every kind of account, both protocols, all three FDX dialects. */
const people = [
  ['outbound', 0],
  ['outbound', 2],
  ['outbound', 4],
  ['rotating', 0],
  ['rotating', 3],
  ['v6', 1],
  ['v6', 4],
  ['flinks', 0],
  ['flinks', 4],
] as const satisfies readonly (readonly [SandboxProvider, number])[]

interface Known {
  readonly connection: Connection
  readonly account: SandboxAccount
}

let sandbox: Sandbox
let flow: Flow
let accounts: Known[]
let later: Map<string, SandboxAccount>

beforeAll(async () => {
  let offset = 0
  const world = { ...realWorld, now: () => Date.now() + offset }
  sandbox = await startSandbox({ port: 0, today: firstNight, clock: world.now })
  flow = await openFlow(sandbox, undefined, world)
  const connections: Connection[] = []
  const seen: SandboxPerson[][] = []
  for (const night of nights) {
    offset = Date.parse(`${night}T12:00:00Z`) - Date.now()
    sandbox.moveTo(night)
    if (connections.length === 0)
      for (const [provider, person] of people)
        connections.push(await flow.connect(provider, person))
    await flow.run('outbound', 'rotating', 'v6', 'flinks')
    seen.push(people.map(([provider, person]) => sandbox.truth(provider, person)))
  }
  accounts = people.flatMap((_, at) => {
    const connection = connections[at] as Connection
    const [before, now] = seen.map((night) => night[at]?.accounts ?? []) as [
      readonly SandboxAccount[],
      readonly SandboxAccount[],
    ]
    return now.map((account, index) => ({ connection, account: since(before[index], account) }))
  })
  sandbox.moveTo(nextYear)
  later = new Map(
    people.flatMap(([provider, person], at) =>
      sandbox
        .truth(provider, person)
        .accounts.map((account) => [keyOf(connections[at]?.id, account.accountId), account]),
    ),
  )
}, 400_000)
afterAll(async () => {
  flow[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

/** The bank shows a moving window of history: what the first night has seen, and the last one. */
function since(before: SandboxAccount | undefined, account: SandboxAccount): SandboxAccount {
  if (before === undefined) return account
  const known = new Set(posted(account).map(({ transactionId }) => transactionId))
  const older = posted(before).filter(({ transactionId }) => !known.has(transactionId))
  const { openingBalance } = before
  return { ...account, openingBalance, transactions: [...older, ...account.transactions] }
}

const keyOf = (connectionId: unknown, accountId: unknown) => `${connectionId} ${accountId}`

async function ask(sql: string): Promise<(string | null)[][]> {
  using generation = await openCurrent(flow.paths)
  const { rows } = await generation.query(sql)
  return rows.map((row) => [...row])
}

/** Decimal text → billionths, the scale of money in the tables. */
function exact(text: unknown): bigint {
  const found = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(String(text))
  if (found === null) throw new Error(`not a decimal: ${text}`)
  const [, sign, whole, fraction = ''] = found
  const value = BigInt(`${whole}${fraction.padEnd(9, '0')}`)
  return sign === '-' ? -value : value
}

const nextDay = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
const dayOf = (transaction: SandboxAccount['transactions'][number]) =>
  String(transaction.fields['postedTimestamp']).slice(0, 10)
const posted = ({ transactions }: SandboxAccount) =>
  transactions.filter(({ status }) => status === 'POSTED')

/** The true balance at the end of each day from `from` to `to`, as net worth sees it. */
function* trueBalances(account: SandboxAccount, from: string, to: string) {
  const movements = posted(account)
  let balance = exact(account.openingBalance)
  let at = 0
  for (let day = from; day <= to; day = nextDay(day)) {
    for (; at < movements.length; at++) {
      const movement = movements[at]
      if (movement === undefined || dayOf(movement) > day) break
      balance += exact(movement.signedAmount)
    }
    yield [day, balance] as const
  }
}

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
      const future = later.get(key) as SandboxAccount
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
