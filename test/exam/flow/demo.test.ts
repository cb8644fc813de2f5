import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataPaths } from '../../../src/config/settings.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { type Finished, newPlace, type Place } from '../../support/fdx.ts'

interface DemoReport {
  readonly tables: Record<string, number>
  readonly connections: Record<string, number>
  readonly rejects: number
  readonly newRejects: number
  readonly retries: number
  readonly plannedRefusals: number
  readonly checks: Record<string, number>
}

let place: Place
let first: Finished
let second: Finished
const report = ({ stdout }: Finished): DemoReport => JSON.parse(stdout)

beforeAll(async () => {
  place = newPlace()
  first = await place.fdx(['demo', '--json'])
  second = await place.fdx(['demo', '--json'])
})
afterAll(() => place[Symbol.dispose]())

describe('the demo', () => {
  test('ends well, with its planned refusals and nothing else refused', () => {
    expect([first.exit, first.stderr]).toEqual([0, expect.stringContaining('Connected 3 people')])
    expect(report(first)).toMatchObject({
      connections: { ok: 10, needs_mfa: 1, reauth: 1 },
      plannedRefusals: 2,
    })
    expect(report(first).retries).toBeGreaterThan(0)
  })

  test('loads all kinds of accounts and transactions, and every check holds', () => {
    const { tables, checks } = report(first)
    for (const table of [
      'fdx.deposit_accounts',
      'fdx.loan_accounts',
      'fdx.loc_accounts',
      'fdx.investment_accounts',
      'fdx.annuity_accounts',
      'fdx.deposit_transactions',
      'fdx.loan_transactions',
      'fdx.loc_transactions',
      'fdx.investment_transactions',
      'fdx.holdings',
      'fdx.open_orders',
      'flinks.accounts',
      'flinks.transactions',
    ])
      expect([table, tables[table]]).toEqual([table, expect.toSatisfy((rows) => Number(rows) > 0)])
    expect(Object.keys(checks).length).toBeGreaterThan(3)
    expect(Object.values(checks).every((failed) => failed === 0)).toBe(true)
  })

  test('a second time changes no table and adds no reject', () => {
    expect(second.exit).toBe(0)
    const { tables, rejects, newRejects, connections } = report(second)
    expect({ tables, rejects }).toEqual({
      tables: report(first).tables,
      rejects: report(first).rejects,
    })
    expect(newRejects).toBe(0)
    expect(connections).toEqual({ ok: 10, needs_mfa: 1, reauth: 1 })
  })

  test('its tables answer SQL, as a table, JSON and CSV', async () => {
    const sql =
      'select account_kind, count(*) as accounts, sum(balance) as balance from mart.accounts group by 1 order by 1'
    const [table, json, csv] = await Promise.all([
      place.fdx(['query', sql]),
      place.fdx(['query', sql, '--json']),
      place.fdx(['query', sql, '--csv']),
    ])
    expect([table.exit, json.exit, csv.exit]).toEqual([0, 0, 0])
    const rows = JSON.parse(json.stdout) as { account_kind: string; balance: string }[]
    expect(rows.map(({ account_kind }) => account_kind)).toContain('annuity')
    expect(csv.stdout.split('\n')[0]).toBe('account_kind,accounts,balance')
    for (const { account_kind } of rows) expect(table.stdout).toContain(account_kind)
  })

  test('every named analysis answers, and begins with a sentence that says what it is', async () => {
    using generation = await openCurrent(dataPaths(join(place.data, 'demo', 'data')))
    const files = globSync('sql/analyses/*.sql')
    expect(files.length).toBeGreaterThan(10)
    const empty = []
    for (const file of files) {
      const sql = readFileSync(file, 'utf8')
      expect([file, sql]).toEqual([file, expect.stringMatching(/^-- [A-Z].*[.\]]\n/)])
      const { rows } = await generation.query(sql)
      if (rows.length === 0) empty.push(file)
    }
    // The sandbox's ledgers are whole, so nothing breaks; it was read once, and each person is there once.
    expect(empty.sort()).toEqual(
      ['account_changes', 'breaks', 'restated_balances', 'shared_accounts'].map(
        (name) => `sql/analyses/${name}.sql`,
      ),
    )
    const named = await place.fdx(['query', '@net_worth', '--csv'])
    expect([named.exit, named.stdout]).toEqual([0, expect.stringContaining('net_worth')])
    const unknown = await place.fdx(['query', '@networth'])
    expect([unknown.exit, unknown.stderr]).toEqual([2, expect.stringContaining('@net_worth')])
  })

  test('a wrong query names the fault, and writing is refused', async () => {
    const [wrong, write] = await Promise.all([
      place.fdx(['query', 'select nothing from nowhere']),
      place.fdx(['query', 'delete from fdx.deposit_accounts']),
    ])
    expect([wrong.exit, wrong.stderr]).toEqual([1, expect.stringContaining('nowhere')])
    expect([write.exit, write.stderr]).toEqual([1, expect.stringContaining('read-only')])
  })

  test('the status names every connection and what to do', async () => {
    const { exit, stdout } = await place.fdx(['status'])
    expect(exit).toBe(0)
    expect(stdout).toContain('fdx connect sandbox-flinks')
  })
})
