import { expect, test } from 'vitest'
import { nowAndThen, openRate } from '../../../src/cli/progress.ts'

test('off a terminal progress is told once in a while, and not at the very start', () => {
  let now = 0
  const told: string[] = []
  const progress = nowAndThen(
    10,
    (text) => told.push(text),
    () => now,
  )
  for (; now <= 25; now++) progress(`at ${now}`)
  expect(told).toEqual(['at 10', 'at 20'])
})

test('the rate is of each pipeline since it began', () => {
  let now = 0
  const rateOf = openRate(() => now)
  expect(rateOf('a', 5)).toBe('')
  now = 999
  expect(rateOf('a', 50)).toBe('')
  now = 2_000
  expect([rateOf('a', 10), rateOf('b', 10)]).toEqual(['2.5/s', ''])
  now = 4_000
  expect(rateOf('b', 410)).toBe('200/s')
})
