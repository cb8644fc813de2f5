import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openWarehouse } from '../../../src/load/warehouse.ts'
import { newPlace, type Place } from '../../support/fdx.ts'

let place: Place
beforeEach(() => {
  place = newPlace()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
  place[Symbol.dispose]()
})

/** Minutes of work for any machine. */
const endless = 'insert into t select a.range from range(1e9::bigint) a, range(1e9::bigint) b'

test('a stop lets a statement end for ten seconds, then rolls back what is under way', async () => {
  const file = `${place.folder}/w.duckdb`
  const stop = new AbortController()
  {
    using warehouse = await openWarehouse({
      ...{ file, scratch: `${place.folder}/scratch` },
      signal: stop.signal,
    })
    await warehouse.change('create table t (i bigint)')
    await warehouse.run('insert into t values (1)')
    const working = warehouse.transaction(async () => {
      await warehouse.run('insert into t values (2)')
      return warehouse.run(endless)
    })
    working.catch(() => {})
    stop.abort()
    await vi.advanceTimersByTimeAsync(9_000)
    expect(await warehouse.rows('select 1 as one').catch(() => 'refused')).not.toBe('refused')
    await vi.advanceTimersByTimeAsync(2_000)
    await expect(working).rejects.toMatchObject({ code: 'STOPPED' })
    await expect(warehouse.run('select 1')).rejects.toMatchObject({ code: 'STOPPED' })
  }
  using again = await openWarehouse({ file, scratch: `${place.folder}/scratch` })
  expect(await again.rows('select i from t')).toEqual([{ i: '1' }])
})
