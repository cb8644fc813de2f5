import { afterEach, beforeEach, expect, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { newPlace, type Place } from '../../support/fdx.ts'
import { openFlow } from '../../support/flow.ts'

let place: Place
beforeEach(() => {
  place = newPlace()
})
afterEach(() => place[Symbol.dispose]())

test('fdx run --dry-run tells what would be asked and asks nothing; --failed asks nobody when all went well', async () => {
  await using sandbox = await startSandbox({ port: 0, accounts: 1, transactions: 5 })
  using flow = await openFlow(sandbox, place.folder)
  await flow.connect('v6', 0)
  const dry = await place.fdx(['run', 'sandbox-v6-nightly', '--dry-run'], flow.env)
  expect([dry.exit, dry.stdout]).toEqual([0, expect.stringContaining('Nothing was sent.')])
  expect(sandbox.requests().v6 ?? {}).toEqual({})
  const json = await place.fdx(['run', 'sandbox-v6-nightly', '--dry-run', '--json'], flow.env)
  expect(JSON.parse(json.stdout).plans).toMatchObject([
    { pipeline: 'sandbox-v6-nightly', connections: 1, waiting: 0, requestsAtLeast: 2 },
  ])
  const ran = await place.fdx(['run', 'sandbox-v6-nightly', '--json'], flow.env)
  expect([ran.exit, JSON.parse(ran.stdout).connections]).toEqual([0, { ok: 1 }])
  const again = await place.fdx(['run', 'sandbox-v6-nightly', '--failed', '--json'], flow.env)
  expect([again.exit, JSON.parse(again.stdout).connections]).toEqual([0, {}])
})
