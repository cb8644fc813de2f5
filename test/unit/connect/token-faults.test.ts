import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { safeError } from '../../../src/errors.ts'
import { judge, marks, setUpRig } from '../../faults/rig.ts'
import { tokenFaults } from '../../faults/token-faults.ts'

describe.each(['strict', 'grace'] as const)('at a %s server', (rotation) => {
  test.each(tokenFaults)('$name', async (fault) => {
    await using rig = await setUpRig(rotation, { timeoutSeconds: 0.5 })
    rig.server.trouble = fault.trouble
    const ended = await rig
      .manager()
      .accessToken(rig.connection)
      .then(
        () => 'token',
        (error: { code: string }) => {
          expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(marks)
          expect(safeError(error)).not.toMatch(marks)
          return error.code
        },
      )
    expect(ended).toBe(fault[rotation])
    expect(rig.server.requests).toHaveLength(fault.requests)
    const ending = await judge(rig)
    if (fault[rotation] === 'REAUTH') {
      expect(ending).toBe(fault.requests === 2 ? 'flagged as lost' : 'flagged as refused')
      return
    }
    expect(ending).toBe('alive')
    expect(await rig.manager().accessToken(rig.connection)).toMatch(/^access-/)
  })
})
