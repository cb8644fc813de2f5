import { expect, test } from 'vitest'
import { openBreaker } from '../../../src/extract/breaker.ts'
import { openPace } from '../../../src/extract/pace.ts'
import { realWorld } from '../../../src/world.ts'
import { fdxProvider } from '../../support/extract.ts'

function clock() {
  let now = 0
  return { now: () => now, pass: (ms: number) => (now += ms) }
}

const refusal = expect.objectContaining({ code: 'UNREACHABLE' })

test('five attempts without a connection: left alone for 30 s, then one attempt in each doubled pause', () => {
  const time = clock()
  const breaker = openBreaker(time)
  for (let n = 0; n < 4; n++) breaker.record('a', 'unconnected')
  expect(() => breaker.admit()).not.toThrow()
  breaker.record('a', 'unconnected')
  expect(() => breaker.admit()).toThrow(refusal)
  expect(breaker.mayRetry()).toBe(false)
  time.pass(29_999)
  expect(() => breaker.admit()).toThrow(refusal)
  time.pass(1)
  expect(() => breaker.admit()).not.toThrow()
  breaker.record('b', 'unconnected')
  time.pass(59_999)
  expect(() => breaker.admit()).toThrow(refusal)
  time.pass(1)
  breaker.admit()
  breaker.record('b', 'answered')
  for (let n = 0; n < 4; n++) breaker.record('a', 'unconnected')
  expect(() => breaker.admit()).not.toThrow()
})

test('failures of one consumer cost nobody else a retry; of several, all get one attempt each', () => {
  const breaker = openBreaker(clock())
  for (let n = 0; n < 50; n++) breaker.record('a', 'failed')
  expect(breaker.mayRetry()).toBe(true)
  breaker.record('b', 'failed')
  expect(breaker.mayRetry()).toBe(false)
  expect(() => breaker.admit()).not.toThrow()
  breaker.record('c', 'answered')
  expect(breaker.mayRetry()).toBe(true)
})

test('no more requests at once, and none started sooner, than the provider’s file says', async () => {
  const starts: number[] = []
  let now = 0
  const world = {
    now: () => now,
    async sleep(ms: number) {
      starts.push(now + ms)
    },
  }
  const provider = fdxProvider('https://bank.example', {
    pace: { concurrency: 2, requestsPerSecond: 4 },
  })
  await using pace = openPace(provider, world)
  const { signal } = new AbortController()
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await realWorld.sleep(1)
    running--
  }
  await Promise.all(Array.from({ length: 5 }, () => pace.turn(signal, work)))
  expect(most).toBe(2)
  expect(starts).toEqual([250, 500, 750, 1_000])
  now = 10_000
  await pace.turn(signal, work)
  expect(starts).toHaveLength(4)
})

test('what has not begun when the signal comes does not begin', async () => {
  await using pace = openPace(fdxProvider('https://bank.example'), realWorld)
  const reason = new Error('stop')
  await expect(
    pace.turn(AbortSignal.abort(reason), () => Promise.reject(new Error('began'))),
  ).rejects.toBe(reason)
})

test('a provider that asks for fewer requests gets fewer, from all connections, and more again later', async () => {
  let now = 0
  const provider = fdxProvider('https://bank.example', { pace: { requestsPerSecond: 100 } })
  await using pace = openPace(provider, { now: () => now, sleep: async () => {} })
  expect(pace.perSecond()).toBe(100)
  // Answers of one moment are one word.
  for (let i = 0; i < 8; i++) pace.slowDown()
  expect(pace.perSecond()).toBe(50)
  now = 1_000
  pace.slowDown()
  expect(pace.perSecond()).toBe(25)
  for (let i = 0; i < 35; i++) pace.speedUp()
  expect(pace.perSecond()).toBeGreaterThan(50)
  for (let i = 0; i < 100; i++) pace.speedUp()
  expect(pace.perSecond()).toBe(100)
  for (; now < 1_000_000; now += 1_000) pace.slowDown()
  expect(pace.perSecond()).toBeCloseTo(1 / 30)
})
