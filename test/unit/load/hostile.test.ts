import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

const inAccount = (members: string) =>
  `{"accounts":[{"depositAccount":{"accountId":"a",${members}}}]}`

test('names of every kind end in extra, not in the schema', async () => {
  using folder = dataFolder()
  const names = [
    'a"; DROP TABLE fdx.deposit_accounts; --',
    '',
    'é'.repeat(2500),
    '🙂',
    'Status',
    'a/b~c',
    '__proto__',
    '$.x',
    '*',
    "it's",
  ]
  const members = names.map((name) => `${JSON.stringify(name)}:{"v":1}`).join(',')
  folder.segment('fdx.accounts', [pageLine({ body: inAccount(members) })])
  await folder.load()
  const { rows } = await folder.query('select extra from fdx.deposit_accounts')
  const extra: unknown = JSON.parse(rows[0]?.[0] ?? '')
  expect(Object.keys(extra as object).sort()).toEqual(names.toSorted())
})

test('five thousand unknown fields', async () => {
  using folder = dataFolder()
  const members = Array.from({ length: 5000 }, (_, at) => `"field${at}":${at}`).join(',')
  folder.segment('fdx.accounts', [pageLine({ body: inAccount(members) })])
  await folder.load()
  expect(
    (
      await folder.query(
        'select len(json_keys(extra)), (select count(*) from ops.drift) from fdx.deposit_accounts',
      )
    ).rows,
  ).toEqual([['5000', '5000']])
})

test('lone surrogates, U+0000, __proto__ and duplicate names are mended', async () => {
  using folder = dataFolder()
  const body = inAccount(
    '"nickname":"a\\ud800b\\u0000c","__proto__":{"x":1},"status":"OPEN","status":"CLOSED","currentBalance":12345678901234567.25',
  )
  folder.segment('fdx.accounts', [pageLine({ marks: ['long_number', 'strange_json'], body })])
  const report = await folder.load()
  expect(report.rejects).toBe(0)
  expect(
    (
      await folder.query(
        'select nickname, status, current_balance, extra from fdx.deposit_accounts',
      )
    ).rows,
  ).toEqual([['a\ufffdbc', 'CLOSED', '12345678901234567.250000000', '{"__proto__":{"x":1}}']])
})

test('a lone surrogate or U+0000 in a name is mended as in a value', async () => {
  using folder = dataFolder()
  const body = inAccount('"nickname":"n","x\\ud800":{"y\\u0000z":1}')
  folder.segment('fdx.accounts', [pageLine({ marks: ['strange_json'], body }), pageLine({ body })])
  const report = await folder.load()
  expect(report.rejects).toBe(0)
  expect((await folder.query('select nickname, extra from fdx.deposit_accounts')).rows).toEqual([
    ['n', '{"x\ufffd":{"yz":1}}'],
  ])
})

test('lines that DuckDB can’t read are mended or kept as rejects; the others load', async () => {
  using folder = dataFolder()
  const unmarked = pageLine({ page_id: 'surrogate', body: inAccount('"nickname":"\\ud800"') })
  folder.segment('fdx.accounts', [
    pageLine({ body: inAccount('"status":"OPEN"') }).replace('"a"', '"b"'),
    '{"page_id":"cut", "body":{"acc\n',
    unmarked,
  ])
  const report = await folder.load()
  expect(
    (await folder.query('select account_id from fdx.deposit_accounts order by 1')).rows,
  ).toEqual([['a'], ['b']])
  expect((await folder.query('select reason, raw from ops.rejects')).rows).toEqual([
    ['PAGE_UNREADABLE', null],
  ])
  expect(report.pages).toBe(2)
})

test('an open segment is not touched', async () => {
  using folder = dataFolder()
  const name = folder.segment('fdx.accounts', [pageLine({ body: inAccount('"status":"OPEN"') })])
  const file = join(folder.paths.segments, name)
  writeFileSync(
    join(folder.paths.segments, 'fdx.accounts', 'open.ndjson.zst.part'),
    readFileSync(file).subarray(0, 40),
  )
  expect(await folder.load()).toMatchObject({ segments: 1, pages: 1, rejects: 0 })
})

test('a damaged segment is a reject; what stands before the damage loads, and the others', async () => {
  using folder = dataFolder()
  const damaged = folder.segment('fdx.accounts', [pageLine({ body: inAccount('"status":"OPEN"') })])
  const file = join(folder.paths.segments, damaged)
  writeFileSync(file, readFileSync(file).subarray(0, 60))
  folder.segment('fdx.accounts', [
    pageLine({ body: inAccount('"status":"OPEN"') }).replace('"a"', '"b"'),
  ])
  const whole = folder.segment('fdx.accounts', [
    pageLine({ body: inAccount('"status":"OPEN"') }).replace('"a"', '"c"'),
  ])
  appendFileSync(join(folder.paths.segments, whole), 'garbage')
  const report = await folder.load()
  expect(
    (await folder.query('select account_id from fdx.deposit_accounts order by 1')).rows,
  ).toEqual([['b'], ['c']])
  expect((await folder.query('select key, reason from ops.rejects order by 1')).rows).toEqual([
    [damaged, 'SEGMENT_INVALID'],
    [whole, 'SEGMENT_INVALID'],
  ])
  expect(report.segments).toBe(1)
  expect(await folder.load()).toMatchObject({ changed: false, newRejects: 0 })
})

test('a page that DuckDB itself fails on is found and kept as a reject; the others load', async () => {
  using folder = dataFolder()
  const good = ['a', 'b', 'c', 'd'].map((id) =>
    pageLine({ page_id: id, body: inAccount('"status":"OPEN"').replace('"a"', `"${id}"`) }),
  )
  const failing = pageLine({
    page_id: 'failing',
    fetched_at: 'no time',
    body: inAccount('"status":"OPEN"'),
  })
  folder.segment('fdx.accounts', [...good.slice(0, 2), failing, ...good.slice(2)])
  const report = await folder.load()
  expect(report).toMatchObject({ segments: 1, pages: 5, rejects: 1 })
  const { rows } = await folder.query('select account_id from fdx.deposit_accounts order by 1')
  expect(rows.flat()).toEqual(['a', 'b', 'c', 'd'])
  expect((await folder.query('select page_id, reason from ops.rejects')).rows).toEqual([
    ['failing', 'PAGE_FAILED'],
  ])
  expect(await folder.load()).toMatchObject({ changed: false })
})
