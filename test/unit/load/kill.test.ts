import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

const child = fileURLToPath(new URL('./load-child.ts', import.meta.url))

function fill(folder: ReturnType<typeof dataFolder>) {
  for (let segment = 0; segment < 4; segment++) {
    const lines = Array.from({ length: 20 }, (_, n) => {
      const transactions = Array.from({ length: 60 }, (_, t) => ({
        transactionId: t % 50,
        amount: t,
        fiAttributes: [{ name: 'n', value: t }],
      }))
      return pageLine({
        page_id: `${segment}-${n}`,
        pull_id: `${segment}`,
        connection_id: `c${n % 7}`,
        fetched_at: `2026-03-0${segment + 1}T00:00:00.000Z`,
        body: JSON.stringify({
          accounts: [
            {
              depositAccount: {
                accountId: `a${n}`,
                currentBalance: segment,
                displayName: 'x',
                transactions,
              },
            },
          ],
        }),
      })
    })
    folder.segment('fdx.accounts', lines)
  }
}

const compared = [
  'fdx.deposit_accounts',
  'fdx.deposit_transactions',
  'fdx.fi_attributes',
  'history.balances',
  'ops.rejects',
  'ops.drift',
]

async function tablesOf(folder: ReturnType<typeof dataFolder>) {
  const report = await folder.load()
  expect(
    report.checks.find((check) => check.name.endsWith('keys_are_unique') && check.failed > 0),
  ).toBeUndefined()
  const all = []
  for (const table of compared)
    all.push((await folder.query(`select * from ${table} order by all`)).rows)
  all.push(
    (await folder.query('select page_id, segment from ops.pages order by all')).rows,
    (await folder.query('select name, pages from ops.segments order by all')).rows,
  )
  return all
}

test('a load that is killed at any moment, and run again, ends as one that was not', {
  timeout: 90_000,
}, async () => {
  using calm = dataFolder()
  fill(calm)
  const began = performance.now()
  const expected = await tablesOf(calm)
  const whole = performance.now() - began
  using folder = dataFolder()
  fill(folder)
  let killed = 0
  for (const part of [0.3, 0.5, 0.7, 0.9]) {
    const process_ = spawn(process.execPath, [child, folder.paths.root], { stdio: 'ignore' })
    const exit = once(process_, 'exit')
    await Promise.race([sleep(whole * part), exit])
    if (process_.exitCode === null) {
      process_.kill('SIGKILL')
      killed += 1
    }
    await exit
  }
  expect(killed).toBeGreaterThan(0)
  expect(await tablesOf(folder)).toEqual(expected)
})
