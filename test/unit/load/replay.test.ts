import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openWarehouse } from '../../../src/load/warehouse.ts'
import { brokenAudit } from '../../../src/state/audit.ts'
import { dataFolder, type Fixture, pageLine } from './warehouse-fixture.ts'

vi.setConfig({ testTimeout: 180_000 })

function fdx(folder: Fixture, ...args: readonly string[]) {
  const env = { PATH: process.env['PATH'] ?? '', FDX_DATA_DIR: folder.paths.root }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/fdx.js', ...args], {
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

/** Two days of one account, with something that cannot be typed and something that nobody knows. */
async function filled(): Promise<Fixture> {
  const folder = dataFolder()
  for (const n of [1, 2])
    folder.segment(
      'fdx.accounts',
      [
        pageLine({
          page_id: `accounts-${n}`,
          pull_id: `accounts-${n}`,
          fetched_at: `2026-03-0${n}T10:00:00.000Z`,
          interaction_id: `interaction-${n}`,
          body: JSON.stringify({
            accounts: [
              {
                depositAccount: {
                  accountId: 'a',
                  nickname: 'Holiday money',
                  accountType: 'CHECKING',
                  currentBalance: 100 + n,
                  sparkle: 7,
                  interestRate: 'much',
                  transactions: [
                    {
                      transactionId: 't1',
                      amount: 12.5 + n,
                      debitCreditMemo: 'DEBIT',
                      status: 'POSTED',
                      description: 'Secret shop',
                    },
                  ],
                },
              },
            ],
          }),
        }),
      ],
      `2026030${n}T100000000Z-aaaaaaaa`,
    )
  await folder.load()
  await folder.query('select 1') // publishes
  return folder
}

const marts = async (folder: Fixture) =>
  (
    await folder.query(
      'select account_id, transaction_id, amount, page_id from mart.transactions order by all',
    )
  ).rows

test('a replay into a new file is the warehouse again, and tells what is not', async () => {
  using folder = await filled()
  const into = join(folder.paths.root, 'again.duckdb')
  const same = fdx(folder, 'replay', '--into', into, '--diff')
  expect(same.stderr).toBe('')
  expect(same.stdout).toContain('Nothing is different')
  expect(same.status).toBe(0)
  {
    using warehouse = await openWarehouse({
      file: folder.paths.warehouse,
      scratch: folder.paths.scratch,
    })
    await warehouse.run(`update fdx.deposit_accounts set status = 'CLOSED', nickname = 'other'`)
    await warehouse.run('delete from fdx.deposit_transactions')
    await warehouse.run('checkpoint lake')
  }
  const again = fdx(folder, 'replay', '--into', `${into}.2`, '--diff', '--json')
  const { differences } = JSON.parse(again.stdout)
  const found = differences.filter((one: { onlyAfter: number }) => one.onlyAfter > 0)
  expect(found).toMatchObject([
    {
      table: 'fdx.deposit_accounts',
      before: 1,
      after: 1,
      samples: [
        {
          key: 'connection-1 / a',
          side: 'both',
          differs: ['nickname: ••• → •••', 'status: CLOSED → NULL'],
        },
      ],
    },
    { table: 'fdx.deposit_transactions', before: 0, after: 1, samples: [{ side: 'after' }] },
  ])
  expect(again.status).toBe(1)
  const first = fdx(folder, 'replay', '--into', `${into}.3`, '--since', '2026-03-02', '--json')
  expect(JSON.parse(first.stdout)).toMatchObject({ segments: 1, pages: 1 })
})

test('a warehouse that is really damaged is set aside, and rebuilt by one command', async () => {
  using folder = await filled()
  const before = await marts(folder)
  const file = openSync(folder.paths.warehouse, 'r+')
  const { size } = statSync(folder.paths.warehouse)
  for (let at = 0; at < size; at += 4096) writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, at)
  closeSync(file)
  await expect(folder.load()).rejects.toMatchObject({
    code: 'LOAD_FAILED',
    message: expect.stringContaining('fdx replay'),
  })
  const done = fdx(folder, 'replay')
  expect(done.stderr).toContain('kept as warehouse.duckdb.damaged-')
  expect(done.status).toBe(0)
  const names = readdirSync(folder.paths.root)
  expect(names.filter((name) => name.startsWith('warehouse.duckdb'))).toEqual([
    'warehouse.duckdb',
    expect.stringMatching(/^warehouse\.duckdb\.damaged-\w+$/),
  ])
  expect(await folder.load()).toMatchObject({ segments: 0 })
  expect(await marts(folder)).toEqual(before)
  expect(existsSync(`${folder.paths.warehouse}.rebuilt`)).toBe(false)
})

test('a row leads back to its page; the record is masked, and showing it is noted', async () => {
  using folder = await filled()
  const masked = fdx(folder, 'explain', 'mart.transactions', 'a/t1')
  expect(masked.stdout).toMatch(/interaction id +interaction-2/)
  expect(masked.stdout).toMatch(/segment +fdx\.accounts\/20260302T/)
  expect(masked.stdout).toContain('"debitCreditMemo":"DEBIT"')
  expect(masked.stdout).not.toMatch(/Secret|14\.5/)
  const raw = fdx(folder, 'explain', 'fdx.deposit_transactions', 'a/t1/1', '--raw', '--json')
  expect(JSON.parse(raw.stdout)).toMatchObject([
    {
      page: { page_id: 'accounts-2' },
      records: [{ description: 'Secret shop', amount: '14.5' }],
    },
  ])
  const account = fdx(folder, 'explain', 'mart.accounts', 'a')
  expect(account.stdout).toContain('"transactions":"1 items, not shown"')
  expect(account.stdout).not.toMatch(/Holiday|102/)
  const audit = folder.state.db.prepare('select action, facts from audit').all()
  expect(audit).toEqual([
    {
      action: 'raw_shown',
      facts: '{"table":"fdx.deposit_transactions","page":"accounts-2"}',
    },
  ])
  expect(brokenAudit(folder.state)).toBeUndefined()
  expect(fdx(folder, 'explain', 'mart.accounts', 'nobody').status).toBe(2)
})

test('fdx check shows failing checks with rows, rejects and drift', async () => {
  using folder = await filled()
  const { stdout, status } = fdx(folder, 'check', '--json')
  const found = JSON.parse(stdout)
  expect(found.rejects).toMatchObject([
    { table_name: 'fdx.deposit_accounts', field: 'interestRate', rejects: '1' },
  ])
  expect(found.drift).toMatchObject([{ table_name: 'fdx.deposit_accounts', field: 'sparkle' }])
  // The transaction is posted and says no day.
  expect(found.failing).toMatchObject([
    { name: 'posted_has_a_date', rows: [{ transaction_id: 't1' }] },
  ])
  expect(status).toBe(1)
  const text = fdx(folder, 'check').stdout
  expect(text).toContain('Failing: posted_has_a_date')
  expect(text).toContain('sparkle')
})
