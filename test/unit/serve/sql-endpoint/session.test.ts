import { expect, test } from 'vitest'
import { openScene, smallWarehouse } from './scene.ts'

test('a client logs in by SCRAM, queries, and reads values of many types in both formats', async () => {
  await using scene = await openScene()
  const client = await scene.connect()
  const { rows } = await client.query(
    `select 1::int as i, -2::bigint as l, 12.50::decimal(9,2) as d, 'é€'::varchar as s, true as b, date '2026-01-31' as day, null as n`,
  )
  expect(rows[0]).toMatchObject({ i: 1, l: '-2', d: '12.50', s: 'é€', b: true, n: null })
  const bound = await client.query(
    'select account_id from accounts where balance > $1 and name = $2',
    ['0', 'Chequing'],
  )
  expect(bound.rows).toEqual([{ account_id: 'a1' }])
  await client.end()
})

test('a wrong password, an unknown user and an unknown database get PostgreSQL’s answers', async () => {
  await using scene = await openScene()
  await expect(scene.connect('owner', { password: 'wrong' })).rejects.toMatchObject({
    code: '28P01',
  })
  await expect(scene.connect('owner', { user: 'nobody' })).rejects.toMatchObject({ code: '28P01' })
  await expect(scene.connect('owner', { database: 'other' })).rejects.toMatchObject({
    code: '3D000',
  })
})

test('a generation that is replaced stays open for the statement that is being planned on it', async () => {
  await using scene = await openScene()
  const client = await scene.connect()
  const publishing = (async () => {
    for (let turn = 0; turn < 4; turn++) {
      await scene.publish(smallWarehouse)
      await new Promise((soon) => setTimeout(soon, 1_300))
    }
  })()
  let isOver = false
  void publishing.finally(() => {
    isOver = true
  })
  for (let turn = 0; !isOver; turn++) {
    // Another text each time: it is planned anew.
    const text = `select count(*)::integer as n, ${turn} as turn from mart.accounts`
    const sent = turn % 2 === 0 ? { text } : { text, values: [] }
    expect((await client.query(sent)).rows).toEqual([{ n: 2, turn }])
  }
  await publishing
  await client.end()
})
