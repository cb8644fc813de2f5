import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTick } from '../../../src/schedule/tick.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-06-01T00:00:30Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a tick a minute, and none after its end', async () => {
  let ticks = 0
  const tick = startTick(() => ticks++)
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(ticks).toBe(10)
  tick[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(ticks).toBe(10)
})

test.each([
  ['put back by two hours', -2 * 3_600_000],
  ['put back by three days', -3 * 86_400_000],
  ['put forward by two hours', 2 * 3_600_000],
  ['put forward by three days', 3 * 86_400_000],
])('it goes on when the clock is %s', async (_name, by) => {
  let ticks = 0
  using _tick = startTick(() => ticks++)
  await vi.advanceTimersByTimeAsync(5 * 60_000)
  vi.setSystemTime(Date.now() + by)
  const before = ticks
  await vi.advanceTimersByTimeAsync(3 * 60_000)
  expect(ticks - before).toBeGreaterThanOrEqual(1)
  const then = ticks
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  expect(ticks - then).toBeGreaterThanOrEqual(9)
})
