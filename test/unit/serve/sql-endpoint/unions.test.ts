import Cursor from 'pg-cursor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCurrent } from '../../../../src/serve/generation.ts'
import { openScene, type Scene } from './scene.ts'

const half = 200_000

/** DuckDB's own streaming never ends on `mart.both`: two branches that join, with more rows than its buffer takes. */
let scene: Scene
beforeAll(async () => {
  scene = await openScene({
    sql: `
      create schema mart; create schema fdx; create schema ops;
      create table fdx.a as select i, 'a' || i as name from range(${half}) t(i);
      create table fdx.b as select i, 'b' || i as name from range(${half}) t(i);
      create view fdx.both as
        select a.i, a.name, b.name as other from fdx.a join fdx.b using (i)
        union all
        select b.i + ${half}, b.name, a.name from fdx.b join fdx.a using (i);
      create view mart.both as select * from fdx.both;
      create macro mart.beyond(least) as table select * from mart.both where i >= least;`,
  })
})
afterAll(() => scene[Symbol.asyncDispose]())

const every = 2 * half

test.each(['owner', 'analyst'] as const)(
  'the %s reads a UNION of joins to its end',
  async (role) => {
    const client = await scene.connect(role)
    const simple = await client.query('select * from mart.both')
    expect(simple.rows).toHaveLength(every)
    expect(new Set(simple.rows.map(({ i }) => i)).size).toBe(every)
    const bound = await client.query('select i, name from mart.both where i >= $1::bigint', [10])
    expect(bound.rows).toHaveLength(every - 10)
    await client.end()
  },
)

test.each([
  [
    'a UNION in the query itself',
    `select i, name from fdx.a join fdx.b using (i, name) union all select a.i, b.name from fdx.b join fdx.a using (i)`,
    half,
  ],
  ['a join above it', 'select x.i, b.name from mart.both x join fdx.b on b.i = x.i', half],
  ['a window above it', 'select *, row_number() over () from mart.both', every],
  [
    'a WITH, and a semicolon',
    'with r as (select * from mart.both) select * from r -- all;\n;',
    every,
  ],
  ['an ORDER BY that orders nothing', 'select i from mart.both order by 1 = 1', every],
  ['a large LIMIT', `select i from mart.both limit ${every - 1}`, every - 1],
  ['a small LIMIT', 'select * from mart.both limit 3', 3],
  ['groups', 'select i, count(*) from mart.both group by 1', every],
  ['a table macro', 'select * from mart.beyond(7)', every - 7],
  ['one group', 'select count(*)::int, max(name) from mart.both', 1],
])('%s', async (_, sql, rows) => {
  const client = await scene.connect()
  expect((await client.query(sql)).rowCount).toBe(rows)
  await client.end()
})

test('what goes through the spool is what it would be without: order, names, types, bare NULLs', async () => {
  const client = await scene.connect()
  const { fields, rows } = await client.query({
    text: `select name as n, i as n, null as bare, 1.50::decimal(9, 2) as d, [i, null] as l
           from mart.both order by i desc limit 20001`,
    rowMode: 'array',
  })
  expect(fields.map(({ name, dataTypeID }) => [name, dataTypeID])).toEqual([
    ['n', 25],
    ['n', 20],
    ['bare', 23],
    ['d', 1700],
    ['l', 1016],
  ])
  expect(rows).toHaveLength(20_001)
  rows.forEach((row, at) => {
    const i = every - 1 - at
    if (row[1] !== String(i)) throw new Error(`row ${at} is ${row[1]}, not ${i}`)
  })
  expect(rows[0]).toEqual([
    `b${half - 1}`,
    String(every - 1),
    null,
    '1.50',
    [String(every - 1), null],
  ])
  await client.end()
})

test('a cursor that is closed early, one that is not, a cancelled one: the connection goes on', async () => {
  const client = await scene.connect()
  const early = client.query(new Cursor('select * from mart.both', []))
  expect(await early.read(10)).toHaveLength(10)
  await early.close()
  await client.query('begin')
  await client.query('declare c cursor for select i from mart.both')
  let rows = 0
  for (;;) {
    const { rowCount } = await client.query('fetch 50000 from c')
    if (!rowCount) break
    rows += rowCount
  }
  expect(rows).toBe(every)
  await client.query('commit')
  await client.query('set statement_timeout = 50')
  await expect(
    client.query('select * from mart.both x join mart.both y on x.i % 7 = y.i % 5'),
  ).rejects.toMatchObject({ code: '57014' })
  await client.query('set statement_timeout = 0')
  expect((await client.query('select * from mart.both')).rowCount).toBe(every)
  await client.end()
})

test('nobody reads the spool of another', async () => {
  const client = await scene.connect()
  await client.query('select * from mart.both')
  for (const name of ['fdx_spool', 'temp.main.fdx_spool', 'main.fdx_spool'])
    await expect(client.query(`select * from ${name}`)).rejects.toMatchObject({ code: '42P01' })
  await client.end()
})

test('fdx query reads it too', async () => {
  using generation = await openCurrent(scene.paths)
  for (const sql of ['from mart.both', `from mart.beyond(0);`]) {
    const { columns, rows } = await generation.stream(sql)
    expect(columns).toEqual([
      { name: 'i', type: 'BIGINT' },
      { name: 'name', type: 'VARCHAR' },
      { name: 'other', type: 'VARCHAR' },
    ])
    let count = 0
    for await (const some of rows) count += some.length
    expect(count).toBe(every)
  }
})
