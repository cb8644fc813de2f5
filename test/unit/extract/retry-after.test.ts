import { expect, test } from 'vitest'
import { retryAfterMs } from '../../../src/extract/retry-after.ts'

const now = Date.UTC(2026, 0, 2, 3, 4, 5)

test.each([
  ['0', 0],
  [' 2 ', 2_000],
  ['3600', 3_600_000],
  ['Fri, 02 Jan 2026 03:04:07 GMT', 2_000],
  ['Friday, 02-Jan-26 03:04:07 GMT', 2_000],
  ['Fri Jan  2 03:04:07 2026 GMT', 2_000],
  ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
  [null, null],
  ['', null],
  ['-1', null],
  ['1.5', null],
  ['1e3', null],
  ['soon', null],
  ['2026-01-02', null],
  ['99999999999', null],
  ['Fri, whenever', null],
])('Retry-After %j is %j milliseconds', (value, expected) => {
  expect(retryAfterMs(value, now)).toBe(expected)
})
