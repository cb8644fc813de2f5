import { expect, test } from 'vitest'
import { groups } from '../../faults/groups.ts'

/** The network faults have a test file of their own, in full. `npm run test:faults` runs everything. */
const names = Object.keys(groups).filter((name) => name !== 'network and replies')

test.each(names)('a part of the faults: %s', async (name) => {
  const options = { quick: true, random: Math.random }
  for await (const { fault, ending, wrong } of groups[name]?.(options, () => {}) ?? []) {
    expect.soft(wrong, fault).toBe('')
    expect.soft(ending, fault).not.toBe('lost')
  }
})
