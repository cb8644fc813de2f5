import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openCurrent } from '../../../src/serve/generation.ts'
import { isPublished, publish } from '../../../src/serve/publish.ts'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

// Every publish writes two databases.
vi.setConfig({ testTimeout: 180_000 })

const page = (id: string) =>
  pageLine({ body: `{"accounts":[{"depositAccount":{"accountId":"${id}","currentBalance":1.5}}]}` })
const owners = ({ generations }: { generations: string }) =>
  readdirSync(generations)
    .filter((name) => /^\d+\.duckdb$/.test(name))
    .sort()
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
  expect(await publish(folder.paths, { keep: 2, masked: false })).toMatchObject({
    generation: '00000001.duckdb',
  })
  using first = await openCurrent(folder.paths)
  for (const id of ['b', 'c', 'd']) {
    folder.segment('fdx.accounts', [page(id)])
    await folder.load()
    await publish(folder.paths, { keep: 2, masked: false })
  }
  expect((await first.query(count)).rows).toEqual([['1']])
  using last = await openCurrent(folder.paths)
  expect(await last.query(count)).toEqual({
    columns: [{ name: 'accounts', type: 'BIGINT' }],
    rows: [['4']],
  })
  // The first one is still read, so it stays; the second is not.
  expect(owners(folder.paths)).toEqual(['00000001.duckdb', '00000003.duckdb', '00000004.duckdb'])
  first[Symbol.dispose]()
  await publish(folder.paths, { keep: 2, masked: false })
  expect(owners(folder.paths)).toEqual(['00000004.duckdb', '00000005.duckdb'])
})

test('a reader of another process holds its generation until it is killed', async () => {
  using folder = dataFolder()
  await folder.load()
  await publish(folder.paths, { keep: 1 })
  const reader = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { leaseCurrent } from '${new URL('../../../src/serve/lease.ts', import.meta.url)}'
     await leaseCurrent({ generations: ${JSON.stringify(folder.paths.generations)} }, 'analyst')
     console.log('held'); setInterval(() => {}, 1000)`,
  ])
  await once(reader.stdout, 'data')
  await publish(folder.paths, { keep: 1 })
  expect(owners(folder.paths)).toEqual(['00000001.duckdb', '00000002.duckdb'])
  reader.kill('SIGKILL')
  await once(reader, 'close')
  await publish(folder.paths, { keep: 1 })
  expect(owners(folder.paths)).toEqual(['00000003.duckdb'])
  expect(readdirSync(folder.paths.generations).sort()).toEqual([
    '00000003.analyst.duckdb',
    '00000003.duckdb',
    '00000003.json',
    '00000003.lease',
    'CURRENT',
  ])
})

test('nothing is published twice; what a kill left unpublished is noticed', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [page('a')])
  await folder.load()
  expect(await isPublished(folder.paths)).toBe(false)
  await publish(folder.paths)
  expect(await isPublished(folder.paths)).toBe(true)
  expect((await folder.load()).changed).toBe(false)
  expect(await isPublished(folder.paths)).toBe(true)
  folder.segment('fdx.accounts', [page('b')])
  await folder.load()
  expect(await isPublished(folder.paths)).toBe(false)
})

test('a publish that fails leaves the generation before it, and nothing half', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [page('a')])
  await folder.load()
  await publish(folder.paths)
  const before = readdirSync(folder.paths.generations).sort()
  folder.segment('fdx.accounts', [page('b')])
  await folder.load()
  // The masked file cannot be written: a folder stands where its log would be.
  mkdirSync(join(folder.paths.generations, '00000002.analyst.duckdb.part.wal', 'x'), {
    recursive: true,
  })
  await expect(publish(folder.paths)).rejects.toThrow()
  rmSync(join(folder.paths.generations, '00000002.analyst.duckdb.part.wal'), { recursive: true })
  expect(readdirSync(folder.paths.generations).sort()).toEqual(before)
  using current = await openCurrent(folder.paths)
  expect([current.name, (await current.query(count)).rows]).toEqual(['00000001.duckdb', [['1']]])
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
    `attach ':memory:' as other`,
    'create temp table t as select 1',
    'select 1; select 2',
    'call duckdb_tables()',
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
