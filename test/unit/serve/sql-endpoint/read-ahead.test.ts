import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from './scene.ts'

/** Many rows at once, then none for hours: whatever is fetched ahead of the last of them does not end by itself. */
const stuck = `select range as n from range(100000000000) where range < 204800 or hash(range) % 10000000000 = 5`

let scene: Scene
beforeAll(async () => {
  scene = await openScene({ limits: { analyst: { statementSeconds: 1 } } })
})
afterAll(() => scene[Symbol.asyncDispose]())

const idle = () => expect.poll(() => scene.running(), { timeout: 20_000 }).toBe(0)

/** Whether something goes on running, and not only for a moment. */
async function isStuck(): Promise<boolean> {
  for (let turn = 0; turn < 25 && scene.running() > 0; turn++) await sleep(20)
  return scene.running() > 0
}

/** A transaction with a cursor that was read until what is fetched ahead of it does not come. */
async function withCursor(role: 'analyst' | 'owner' = 'owner'): Promise<pg.Client> {
  const client = await scene.connect(role)
  await client.query(`begin; declare c cursor for ${stuck}`)
  do await client.query('move 2000 in c')
  while (!(await isStuck()))
  return client
}

async function cancel(client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number }
  const request = Buffer.alloc(16)
  for (const [index, value] of [16, 80_877_102, processID, secretKey].entries())
    request.writeInt32BE(value, index * 4)
  const socket = connect(scene.port, '127.0.0.1')
  socket.end(request)
}

/** The transaction failed as PostgreSQL's would; the session goes on. */
async function goesOn(client: pg.Client): Promise<void> {
  await idle()
  await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' })
  await client.query('rollback')
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await client.end()
}

test('statement_timeout ends a FETCH that waits for what is fetched ahead', async () => {
  const client = await withCursor()
  await client.query('set statement_timeout = 150')
  await expect(client.query('move all in c')).rejects.toMatchObject({
    code: '57014',
    message: expect.stringContaining('timeout'),
  })
  await goesOn(client)
})

test('a CancelRequest ends a FETCH that waits for what is fetched ahead', async () => {
  const client = await withCursor()
  const fetched = client.query('move all in c')
  const refused = expect(fetched).rejects.toMatchObject({
    code: '57014',
    message: expect.stringContaining('user request'),
  })
  // The statement may not have begun when the first arrives.
  const again = setInterval(() => void cancel(client), 200)
  await refused
  clearInterval(again)
  await goesOn(client)
})

test('statement_timeout ends a portal that is read in parts, and a stream that has sent rows', async () => {
  const client = await scene.connect()
  await client.query('begin')
  await client.query('set local statement_timeout = 1000')
  const cursor = client.query(new Cursor<{ n: string }>(stuck))
  const readAll = async () => {
    while ((await cursor.read(2_000)).length > 0);
  }
  await expect(readAll()).rejects.toMatchObject({ code: '57014' })
  await idle()
  await client.query('rollback')
  await client.query('set statement_timeout = 1000')
  await expect(client.query(stuck)).rejects.toMatchObject({ code: '57014' })
  await idle()
  await client.end()
})

test.each(['while a FETCH waits', 'between two statements'])(
  'a client that hangs up %s leaves nothing running',
  async (when) => {
    const client = await withCursor()
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    if (when === 'while a FETCH waits') client.query('move all in c').catch(() => {})
    stream.destroy()
    await idle()
  },
)

test('closing the cursor or the transaction ends what is fetched ahead', async () => {
  const client = await withCursor()
  await client.query('close c')
  await idle()
  await client.query('rollback')
  await client.end()
  const another = await withCursor()
  await another.query('rollback')
  await idle()
  expect((await another.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await another.end()
})

test('what is fetched ahead while the client does nothing ends at the role’s limit', async () => {
  const client = await withCursor('analyst')
  await idle()
  await expect(client.query('move all in c')).rejects.toMatchObject({ code: '57014' })
  await goesOn(client)
})

/** Its error comes when many of its rows have been sent. */
const failing = "select if(range < 2000000, range, error('no more')) as n from range(4000000)"

test('a query that fails after rows were sent fails, with DuckDB’s error', async () => {
  const client = await scene.connect()
  const failed = { code: '22023', message: expect.stringContaining('no more') }
  await expect(client.query(failing)).rejects.toMatchObject(failed)
  const bound = `select (case when range < $1 then range::varchar else 'x' end)::integer as n from range(4000000)`
  await expect(client.query(bound, [2_000_000])).rejects.toMatchObject({ code: '22P02' })
  await client.query(`begin; declare c cursor for ${failing}`)
  await expect(client.query('move all in c')).rejects.toMatchObject(failed)
  await client.query('rollback')
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await client.end()
})
