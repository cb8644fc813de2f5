import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openCurrent } from '../../../src/serve/generation.ts'
import { publish } from '../../../src/serve/publish.ts'
import { dataFolder, pageLine } from '../load/warehouse-fixture.ts'

const sample = readFileSync('data/sample/fdx-accounts-v5.json', 'utf8')

/** Account numbers as sent, and what a mart shows of them. */
const numbers = [
  ['****4821', '••••4821'],
  ['0001-2345 6789', '••••6789'],
  ['12345678', '••••5678'],
  ['123456', '••••456'],
  ['1234', '••••34'],
  ['003', '••••3'],
  ['7', null],
] as const

test('of an account number at most half is shown, four characters at most, and the masked file holds no more', async () => {
  using folder = dataFolder()
  folder.segment(
    'fdx.accounts',
    numbers.map(([number], at) => {
      const page = sample.replace('****4821', number).replaceAll('chq-1', `chq-${at}`)
      return pageLine({ body: JSON.stringify(JSON.parse(page)) })
    }),
  )
  await folder.load()
  const sql = `select number from mart.accounts where account_id like 'chq-%' order by account_id`
  const shown = numbers.map(([, number]) => [number])
  expect((await folder.query(sql)).rows).toEqual(shown)
  await publish(folder.paths, { evict: true })
  using masked = await openCurrent(folder.paths, { role: 'analyst' })
  expect((await masked.query(sql)).rows).toEqual(shown)
  const { rows } = await masked.query(
    `select account_number_display from fdx.accounts where account_id like 'chq-%' order by account_id`,
  )
  expect(rows.flat()).toEqual(['••••4821', '••••6789', '••••5678', '•••456', '••34', '•3', ''])
})
