import { expect, test } from 'vitest'
import { openAdmission } from '../../../../src/serve/sql-endpoint/engine/admission.ts'
import { openScene, type Scene } from './scene.ts'

/** Each takes seconds in one call that DuckDB does not interrupt. */
const long = "select length(regexp_replace(repeat('a', 3000000), 'a', 'bb', 'g'))"

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly is: T }> {
  const start = performance.now()
  const is = await work()
  return { ms: performance.now() - start, is }
}

const stateOf = async (scene: Scene, sql: string) => {
  const client = await scene.connect('analyst')
  const outcome = await client.query(sql).then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )
  await client.end()
  return outcome
}

test('a statement that is deep in one call gets its 57014 in time, and its session goes on', async () => {
  await using scene = await openScene()
  const client = await scene.connect('analyst')
  await client.query("set statement_timeout = '300ms'")
  for (const sql of [
    long,
    "select length(regexp_replace(repeat('a', 3000000) || name, 'a', 'bb', 'g')) from mart.accounts",
  ]) {
    const { ms, is } = await timed(() => client.query(sql).catch((error) => error.code))
    expect([sql, is]).toEqual([sql, '57014'])
    expect(ms).toBeLessThan(1_500)
    expect((await timed(() => client.query('select 1'))).ms).toBeLessThan(500)
    // Its thread and its connection are given back when the call has returned.
    await expect.poll(() => scene.running(), { timeout: 20_000 }).toBe(0)
  }
  const { rows } = await client.query('select count(*)::integer as n from mart.accounts')
  expect(rows).toEqual([{ n: 2 }])
  await client.end()
})

test('SELECT 1 and the catalogue are answered while such calls have every thread of the heavy lane', async () => {
  await using scene = await openScene()
  const heavy = await Promise.all(Array.from({ length: 3 }, () => scene.connect('analyst')))
  const quick = await scene.connect('analyst')
  await quick.query('select 1')
  const running = heavy.map((client) =>
    client.query(`set statement_timeout = '3s'; ${long}`).catch((error) => error.code),
  )
  await expect.poll(() => scene.running()).toBeGreaterThan(0)
  for (const sql of ['select 1', 'select version(), current_schema()', 'select 1 + 1'])
    expect((await timed(() => quick.query(sql))).ms).toBeLessThan(1_000)
  const names = "select relname from pg_catalog.pg_class where relname = 'accounts'"
  expect((await quick.query(names)).rows).toEqual([{ relname: 'accounts' }])
  await Promise.all(running)
  for (const client of [...heavy, quick]) await client.end()
})

test('each lane has threads of its own, and the pool keeps some', async () => {
  const pool = 8
  const admission = openAdmission(1_000, pool)
  const never = new AbortController()
  const holding = (['light', 'catalogue', 'heavy'] as const).flatMap((lane) =>
    Array.from({ length: 20 }, () =>
      admission
        .run(lane, never.signal, () => new Promise((done) => setTimeout(done, 200)))
        .catch(() => {}),
    ),
  )
  expect(admission.running()).toBeGreaterThan(3)
  expect(admission.running()).toBeLessThanOrEqual(pool - 2)
  await Promise.all(holding)
})

test('values out of all proportion and comparisons of long texts are refused, small ones answered', async () => {
  await using scene = await openScene()
  for (const sql of [
    "select length(lpad('x', 200000000, 'y'))",
    "select length(rpad('x', 200000000))",
    "select length(repeat('ab', 20000000))",
    "select length(repeat(repeat('ab', 10000), 10000))",
    "select levenshtein(repeat('ab', 20000), repeat('ba', 20000))",
    "select jaro_winkler_similarity(repeat('ab', 20000), repeat('ba', 20000))",
    "select bitstring('1', 100000000)",
    'select len(range(100000000))',
    "select length(printf('%100000000d', 1))",
    "select length(format('{:>{}}', 'x', 100000000))",
    'select list_resize([1], 100000000)',
  ])
    expect([sql, await stateOf(scene, sql)]).toEqual([sql, '54000'])
  expect(await stateOf(scene, "select system.main.repeat('x', 10)")).toBe('42883')
  const client = await scene.connect()
  const { rows } = await client.query(
    `select lpad('7', 3, '0') as l, rpad('7', 3) as r, repeat('ab', 2) as t, repeat([1], 2) as many, bitstring('1', 3)::varchar as b,
       levenshtein('cat', 'cart')::integer as d, printf('%05.1f', 2.5) as f, len(range(3))::integer as n, levenshtein(name, 'Saving')::integer as s
     from mart.accounts where account_id = 'a2'`,
  )
  expect(rows).toEqual([
    { l: '007', r: '7  ', t: 'abab', many: [1, 1], b: '001', d: 1, f: '002.5', n: 3, s: 1 },
  ])
  await client.end()
})
