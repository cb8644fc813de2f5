import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

const sample = (name: string) =>
  JSON.stringify(
    JSON.parse(readFileSync(new URL(`../../../data/sample/${name}.json`, import.meta.url), 'utf8')),
  )

test('the samples load without a reject', async () => {
  using folder = dataFolder()
  folder.segment(
    'fdx.accounts',
    ['fdx-accounts-v5', 'fdx-accounts-v6'].map((name) => pageLine({ body: sample(name) })),
  )
  folder.segment('flinks.detail', [
    pageLine({ entity: 'flinks.detail', connection_id: 'c2', body: sample('flinks-detail') }),
  ])
  const report = await folder.load()
  expect(report).toMatchObject({ pages: 3, rejects: 0 })
  expect(report.checks.filter((check) => check.failed > 0)).toEqual([])
  const { rows } = await folder.query(
    'select account_id, account_kind, number, net_worth_balance::decimal(9,2) from mart.accounts order by 1',
  )
  expect(rows).toEqual([
    ['acc-1', 'deposit', null, '12.00'],
    ['chq-1', 'deposit', '••••4821', '2450.75'],
    ['inv-1', 'investment', null, '10250.40'],
    ['visa-1', 'loc', '••••0042', '-310.10'],
  ])
})
