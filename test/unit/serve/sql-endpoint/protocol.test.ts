import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene, smallWarehouse } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene({
    limits: {
      analyst: {
        statementSeconds: 5,
        rows: 1_000,
        valueMegabytes: 1,
        connections: 1,
      },
      owner: { memory: '100MB' },
    },
  })
})
afterAll(() => scene[Symbol.asyncDispose]())

test('a portal gives its rows in parts', async () => {
  const client = await scene.connect()
  await client.query('begin')
  const cursor = client.query(
    new Cursor<{ n: number }>('select range::integer as n from range(10000)'),
  )
  const first = await cursor.read(100)
  const second = await cursor.read(5_000)
  expect([first.length, second.length, first[0]?.n, second[0]?.n]).toEqual([100, 5_000, 0, 100])
  await cursor.close()
  await client.query('commit')
  await client.end()
})

test('SQL cursors: DECLARE, FETCH, MOVE, CLOSE, WITH HOLD', async () => {
  const client = await scene.connect()
  const ns = async (sql: string) => (await client.query<{ n: number }>(sql)).rows.map(({ n }) => n)
  await expect(client.query('declare c cursor for select 1')).rejects.toMatchObject({
    code: '25P01',
  })
  await client.query('begin; declare c scroll cursor for select range::integer as n from range(10)')
  expect(await ns('fetch 3 from c')).toEqual([0, 1, 2])
  expect((await client.query('move forward 2 in c')).command).toBe('MOVE')
  expect(await ns('fetch next from c')).toEqual([5])
  expect(await ns('fetch first from c')).toEqual([0])
  expect(await ns('fetch absolute 9 c')).toEqual([8])
  expect(await ns('fetch all in c')).toEqual([9])
  expect(await ns('fetch 1 c')).toEqual([])
  await client.query('declare h cursor with hold for select range::integer as n from range(3)')
  await client.query('commit')
  await expect(client.query('fetch 1 c')).rejects.toMatchObject({ code: '34000' })
  expect(await ns('fetch all h')).toEqual([0, 1, 2])
  await client.query('close h')
  await client.query('begin; declare r cursor with hold for select 1; rollback')
  await expect(client.query('fetch 1 r')).rejects.toMatchObject({ code: '34000' })
  await client.end()
})

test('a failed transaction hears nothing but its end; savepoints bring it back', async () => {
  const client = await scene.connect()
  await client.query('begin')
  await client.query('savepoint a')
  await expect(client.query('select nothing')).rejects.toMatchObject({
    code: '42703',
    position: '8',
  })
  await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' })
  await client.query('rollback to savepoint a')
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await expect(client.query('select nothing')).rejects.toMatchObject({ code: '42703' })
  expect((await client.query('commit')).command).toBe('ROLLBACK')
  await client.end()
})

test('settings: SET, SHOW, RESET, LOCAL, and back by ROLLBACK', async () => {
  const client = await scene.connect('owner', { application_name: 'a test' })
  const show = async (name: string) =>
    Object.values((await client.query(`show ${name}`)).rows[0])[0]
  expect(await show('application_name')).toBe('a test')
  await client.query(`set time zone 'America/Toronto'; set extra.thing = 'x'`)
  expect([await show('timezone'), await show('extra.thing')]).toEqual(['America/Toronto', 'x'])
  await client.query(`begin; set local timezone = 'UTC'`)
  expect(await show('time zone')).toBe('UTC')
  await client.query(`set search_path = fdx; rollback`)
  expect([await show('timezone'), await show('search_path')]).toEqual(['America/Toronto', 'mart'])
  await client.query('reset all')
  expect(await show('timezone')).toBe('UTC')
  await expect(client.query('show nothing')).rejects.toMatchObject({ code: '42704' })
  await expect(client.query('set timezone = nowhere')).rejects.toMatchObject({ code: '22023' })
  expect(await show('warehouse.generation')).toBe('00000001')
  await client.end()
})

test('PREPARE, EXECUTE, DEALLOCATE', async () => {
  const client = await scene.connect()
  await client.query('prepare p (int, text) as select $1 + 1 as n, upper($2) as t')
  expect((await client.query(`execute p (41, 'x')`)).rows).toEqual([{ n: 42, t: 'X' }])
  await expect(client.query('execute p (1)')).rejects.toMatchObject({ code: '42601' })
  await client.query('deallocate p')
  await expect(client.query('execute p (1, 2)')).rejects.toMatchObject({ code: '26000' })
  await client.end()
})

test('parameters of many types, by inference and by declaration', async () => {
  const client = await scene.connect()
  const one = async (sql: string, values: unknown[]) =>
    Object.values((await client.query(sql, values)).rows[0] ?? {})[0]
  expect(await one('select $1::date + 1', ['2026-01-31'])).toEqual(new Date(2026, 1, 1))
  expect(await one('select account_id from accounts where balance > $1', ['1000.25'])).toBe('a1')
  expect(
    await one('select account_id from accounts where account_id = any($1)', [['a2', 'zz']]),
  ).toBe('a2')
  expect(await one('select $2::integer - $1::integer', [1, 3])).toBe(2)
  expect(await one('select $1', ['as text'])).toBe('as text')
  expect(await one('select count(*)::integer from accounts limit $1', [1])).toBe(2)
  expect(await one('select $1::boolean', [true])).toBe(true)
  expect(await one('select $1::integer is null', [null])).toBe(true)
  await expect(client.query('select $1::integer', ['x'])).rejects.toMatchObject({ code: '22P02' })
  await client.end()
})

test('a statement is cancelled by the client, and by its timeout; the session goes on', async () => {
  const endless = 'select count(*) from range(10000000000) a where a.range % 7 = 3'
  const analyst = await scene.connect('analyst')
  await expect(analyst.query(endless)).rejects.toMatchObject({
    code: '57014',
    message: expect.stringContaining('timeout'),
  })
  expect((await analyst.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  const owner = await scene.connect('owner')
  await owner.query('set statement_timeout = 200')
  await expect(owner.query(endless)).rejects.toMatchObject({ code: '57014' })
  await owner.query('reset statement_timeout')
  const running = owner.query(endless)
  const { processID, secretKey } = owner as unknown as { processID: number; secretKey: number }
  const socket = connect(scene.port, '127.0.0.1')
  const request = Buffer.alloc(16)
  for (const [index, value] of [16, 80_877_102, processID, secretKey].entries())
    request.writeInt32BE(value, index * 4)
  setTimeout(() => socket.end(request), 200)
  await expect(running).rejects.toMatchObject({
    code: '57014',
    message: expect.stringContaining('user request'),
  })
  expect((await owner.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await Promise.all([analyst.end(), owner.end()])
})

test('limits: rows, the size of a value, connections, memory', async () => {
  const analyst = await scene.connect('analyst')
  await expect(analyst.query('select * from range(5000)')).rejects.toMatchObject({ code: '53400' })
  expect((await analyst.query('select * from range(1000)')).rowCount).toBe(1_000)
  await expect(analyst.query(`select repeat('x', 2000000)`)).rejects.toMatchObject({
    code: '53400',
  })
  const owner = await scene.connect('owner')
  await expect(owner.query('select list(range) from range(50000000)')).rejects.toMatchObject({
    code: '53200',
  })
  await owner.end()
  await expect(scene.connect('analyst')).rejects.toMatchObject({ code: '53300' })
  expect((await analyst.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await analyst.end()
})

test('the audit says who asked what, without literals', async () => {
  const client = await scene.connect('owner', { application_name: 'audited' })
  await client.query(
    `select name /* secret */ from mart.accounts where account_id = 'a1' and balance > 12.5 -- too`,
  )
  await client.query(`select 'unclosed`).catch(() => {})
  await client.query('delete from mart.accounts where name = $1', ['x']).catch(() => {})
  await client
    .query('select * from mart.accounts where name = "Jane Doe 123-456-789"')
    .catch(() => {})
  await client.query(`select 'x' as "Secret Five", "name" from mart."accounts"`)
  await client.query('show "Secret Eight"').catch(() => {})
  await client.end()
  const folder = join(scene.paths.root, 'sql-audit')
  const lines = () =>
    readdirSync(folder)
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').trim().split('\n'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ application }) => application === 'audited')
  const statement = 'select name from mart.accounts where account_id = ? and balance > ?'
  await expect.poll(lines).toMatchObject([
    {
      user: 'owner',
      role: 'owner',
      statement,
      relations: ['mart.accounts'],
      rows: 1,
      state: '00000',
    },
    { statement: 'select ?', state: '42601' },
    { statement: 'delete from mart.accounts where name = $1', state: '25006' },
    { statement: 'select * from mart.accounts where name = ?', state: '42703' },
    { statement: 'select ? as ?, "name" from mart."accounts"', state: '00000' },
    { statement: 'show ?', state: '42704' },
  ])
})

test('sessions move to a new generation between transactions, not in one', async () => {
  const [inside, outside] = [await scene.connect(), await scene.connect()]
  await inside.query(
    'begin; declare c cursor with hold for select count(*)::integer as n from accounts',
  )
  const generation = await scene.publish(`${smallWarehouse}; delete from mart.accounts`)
  const count = async (client: typeof inside) =>
    (await client.query('select count(*)::integer as n from accounts')).rows[0].n
  await expect.poll(() => count(outside), { timeout: 60_000 }).toBe(0)
  expect((await outside.query('show warehouse.generation')).rows).toEqual([
    { 'warehouse.generation': generation },
  ])
  expect(await count(inside)).toBe(2)
  await inside.query('commit')
  expect(await count(inside)).toBe(0)
  expect((await inside.query('fetch all c')).rows).toEqual([{ n: 2 }])
  await Promise.all([inside.end(), outside.end()])
})
