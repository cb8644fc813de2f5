import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openCurrent } from '../../../src/serve/generation.ts'
import { publish } from '../../../src/serve/publish.ts'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

const page = (id: string) =>
  pageLine({ body: `{"accounts":[{"depositAccount":{"accountId":"${id}","currentBalance":1.5}}]}` })
const count = 'select count(*) as accounts from mart.accounts'

test('nothing published: says what to do', async () => {
  using folder = dataFolder()
  await expect(openCurrent(folder.paths)).rejects.toMatchObject({
    code: 'WAREHOUSE_MISSING',
    message: expect.stringContaining('fdx run'),
  })
  await expect(publish(folder.paths)).rejects.toMatchObject({ code: 'WAREHOUSE_MISSING' })
})

test('an older generation stays readable while the next ones come, and only some are kept', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [page('a')])
  await folder.load()
  expect(existsSync(`${folder.paths.warehouse}.wal`)).toBe(false)
  expect(await publish(folder.paths, 2)).toEqual({ generation: '00000001.duckdb' })
  using first = await openCurrent(folder.paths)
  for (const id of ['b', 'c', 'd']) {
    folder.segment('fdx.accounts', [page(id)])
    await folder.load()
    await publish(folder.paths, 2)
  }
  expect((await first.query(count)).rows).toEqual([['1']])
  using last = await openCurrent(folder.paths)
  expect(await last.query(count)).toEqual({
    columns: [{ name: 'accounts', type: 'BIGINT' }],
    rows: [['4']],
  })
  expect(readdirSync(folder.paths.generations).sort()).toEqual([
    '00000003.duckdb',
    '00000004.duckdb',
    'CURRENT',
  ])
})

test('a warehouse with a .wal is not published', async () => {
  using folder = dataFolder()
  await folder.load()
  writeFileSync(`${folder.paths.warehouse}.wal`, 'x')
  await expect(publish(folder.paths)).rejects.toMatchObject({ code: 'WAREHOUSE_BUSY' })
})

test('a generation can’t be written, nor reach files or settings; its errors are DuckDB’s', async () => {
  using folder = dataFolder()
  await folder.load()
  await publish(folder.paths)
  using generation = await openCurrent(folder.paths)
  for (const sql of [
    'delete from ops.pages',
    `select * from read_text('/etc/hostname')`,
    `copy (select 1) to '${folder.paths.root}/x.csv'`,
    `attach '${folder.paths.warehouse}' as other`,
    'set enable_external_access = true',
    'install httpfs',
  ])
    await expect(generation.query(sql), sql).rejects.toMatchObject({ code: 'QUERY_FAILED' })
  await expect(generation.query('select nothing')).rejects.toMatchObject({
    message: expect.stringContaining('nothing'),
  })
})

test('values come as exact text', async () => {
  using folder = dataFolder()
  await folder.load()
  const { rows } = await folder.query(
    `select 99999999999999.99::decimal(38,9), 12345678901234567890::hugeint, null, true, date '2025-01-02', timestamptz '2025-01-02 03:04:05.123456Z', ['a', null], {'k': 1}, 'é'`,
  )
  expect(rows).toEqual([
    [
      '99999999999999.990000000',
      '12345678901234567890',
      null,
      'true',
      '2025-01-02',
      '2025-01-02 03:04:05.123456+00',
      "['a', NULL]",
      "{'k': 1}",
      'é',
    ],
  ])
})
