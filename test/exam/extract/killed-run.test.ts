import { expect, test } from 'vitest'
import { killAgainAndAgain, sizes, verdicts } from '../../faults/extract-kill.ts'

test('a run that is killed again and again gives the tables of an undisturbed one, at little more cost', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const result = await killAgainAndAgain({ ...sizes.quick, seed })
  for (const [what, holds] of Object.entries(verdicts(result)))
    expect.soft(holds, `${what}: seed ${seed}, ${JSON.stringify(result)}`).toBe(true)
}, 240_000)
