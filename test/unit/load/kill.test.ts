import { expect, test } from 'vitest'
import { chance, killLoads } from '../../faults/load-kill.ts'

test('loads that are killed at any moment, and run again, end as one that was not', {
  timeout: 300_000,
}, async () => {
  const found = await killLoads({ kills: 3, random: chance(20260301), schemaChanges: 2 })
  expect(found.wrong).toEqual([])
  expect(found.killed).toBeGreaterThan(0)
})
