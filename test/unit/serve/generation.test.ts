import { expect, test } from 'vitest'
import { openCurrent } from '../../../src/serve/generation.ts'
import { openScene } from './sql-endpoint/scene.ts'

test('a query that fails after rows were read fails, with DuckDB’s error; the next one is answered', async () => {
  await using scene = await openScene()
  using generation = await openCurrent(scene.paths)
  const failing = `select if(range < 2000000, range, error('no more')) as n from range(4000000)`
  await expect(generation.query(failing)).rejects.toMatchObject({
    code: 'QUERY_FAILED',
    message: expect.stringContaining('no more'),
  })
  expect((await generation.query('select 1 as one')).rows).toEqual([['1']])
  expect((await generation.query('explain analyze select 1')).rows).not.toEqual([])
})

test('a query that is stopped after rows were read says so', async () => {
  await using scene = await openScene()
  using generation = await openCurrent(scene.paths)
  const stop = new AbortController()
  const { rows } = await generation.stream('select range from range(10000000000)', stop.signal)
  const readAll = async () => {
    for await (const _rows of rows) stop.abort()
  }
  await expect(readAll()).rejects.toMatchObject({ code: 'STOPPED' })
})
