import { afterEach, describe, expect, test } from 'vitest'
import type { FdxError } from '../../../src/errors.ts'
import { getConnection } from '../../../src/state/connections.ts'
import { realWorld } from '../../../src/world.ts'
import { type Rig, setUpRig } from '../../faults/rig.ts'
import type { Trouble } from '../../support/token-server.ts'

let rig: Rig
const setUp = async (...args: Parameters<typeof setUpRig>) => {
  rig = await setUpRig(...args)
  return rig
}
afterEach(() => rig[Symbol.asyncDispose]())

const refusal = (work: Promise<unknown>): Promise<FdxError> =>
  work.then(
    () => Promise.reject(new Error('did not fail')),
    (error: FdxError) => error,
  )

const respond =
  (status: number, body: unknown, headers: Record<string, string> = {}): Trouble =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify(body))
  }
const hour = 3_600_000
const day = 24 * hour

describe('a busy server', () => {
  test.each([
    ['7', 7_000],
    [new Date(1_000_060_000).toUTCString(), 60_000],
    ['soon', 0],
    ['apples 9999', 0],
    ['', 0],
  ])('Retry-After: %s', async (value, expected) => {
    const { server, connection } = await setUp('strict')
    let time = 0
    const world = { ...realWorld, now: () => 1_000_000_000 }
    const tokens = rig.manager({ world, monotonic: () => time })
    server.trouble = respond(429, { error: 'slow_down' }, { 'retry-after': value })
    const error = await refusal(tokens.accessToken(connection))
    expect(error).toMatchObject({ code: 'TOKEN_UNAVAILABLE', facts: { retryInMs: expected } })
    if (expected > 0) {
      time = expected - 1
      const early = await refusal(tokens.accessToken(connection))
      expect(early).toMatchObject({ code: 'TOKEN_UNAVAILABLE', facts: { retryInMs: 1 } })
      expect(server.requests).toHaveLength(1)
    }
    time = expected
    expect(await tokens.accessToken(connection)).toBe('access-2-MARK')
  })
})

test('a refused client stops every refresh of the provider for ten minutes, and flags nobody', async () => {
  const { server, connection } = await setUp('strict')
  let time = 0
  const tokens = rig.manager({ monotonic: () => time })
  server.trouble = respond(401, { error: 'invalid_client' })
  expect((await refusal(tokens.accessToken(connection))).code).toBe('CLIENT_REFUSED')
  time = 599_000
  expect((await refusal(tokens.accessToken(connection))).code).toBe('CLIENT_REFUSED')
  expect(server.requests).toHaveLength(1)
  time = 600_000
  expect(await tokens.accessToken(connection)).toBe('access-2-MARK')
})

describe('time', () => {
  const clock = (now: number) => ({ ...realWorld, now: () => now })
  const answering =
    (expires_in: unknown): Trouble =>
    (at) =>
      respond(200, { ...at.process(), expires_in })(at)

  test.each([
    [undefined, 300],
    [3600, 3600],
    ['3600', 3600],
    [1e12, 86_400],
  ])('expires_in %s counts as %i seconds', async (given, seconds) => {
    const { server, connection, stored } = await setUp('strict')
    server.trouble = answering(given)
    await rig.manager({ world: clock(hour) }).accessToken(connection)
    expect((await stored()).expiresAt).toBe(hour + seconds * 1000)
  })

  test('renewed at 80 % of its life; at its end where a provider refuses early refreshes', async () => {
    for (const [earlySeconds, share] of [
      [60, 0.8],
      [0, 1],
    ] as const) {
      const { server, connection } = await setUp('strict', { refresh: { earlySeconds } })
      server.trouble = answering(1000)
      await rig.manager({ world: clock(hour) }).accessToken(connection)
      const at = (ms: number) => rig.manager({ world: clock(hour + ms) }).accessToken(connection)
      expect(await at(share * 1_000_000 - 1)).toBe('access-2-MARK')
      expect(await at(share * 1_000_000)).toBe('access-3-MARK')
      if (earlySeconds === 60) await rig[Symbol.asyncDispose]()
    }
  })

  test('a jump of the wall clock ends each access token once', async () => {
    const { server, connection } = await setUp('strict')
    let wall = hour
    let monotonic = 0
    const world = { ...realWorld, now: () => wall }
    const tokens = rig.manager({ world, monotonic: () => monotonic })
    expect(await tokens.accessToken(connection)).toBe('access-2-MARK')
    wall += 50_000 // both go on together
    monotonic += 50_000
    expect(await tokens.accessToken(connection)).toBe('access-2-MARK')
    wall -= 30 * 60_000 // set back: by its look the token now lives much longer
    expect(await tokens.accessToken(connection)).toBe('access-3-MARK')
    expect(await tokens.accessToken(connection)).toBe('access-3-MARK')
    expect(server.requests).toHaveLength(2)
  })

  test('a connection that is idle for two thirds of the limit is kept alive', async () => {
    const { server, connection, stored } = await setUp('none', { refresh: { idleDays: 30 } })
    await rig.manager({ world: clock(100 * day) }).accessToken(connection)
    const keep = (now: number) => rig.manager({ world: clock(now) }).keepAlive([connection])
    expect(await keep(100 * day + 19 * day)).toEqual({ done: [], failed: [] })
    expect(await keep(100 * day + 21 * day)).toEqual({ done: [connection.id], failed: [] })
    expect((await stored()).receivedAt).toBe(121 * day)
    expect(server.requests).toHaveLength(2)
    server.trouble = respond(400, { error: 'invalid_grant' })
    expect(await keep(150 * day)).toEqual({
      done: [],
      failed: [{ connectionId: connection.id, code: 'REAUTH' }],
    })
    const flagged = getConnection(rig.state, connection.id)
    expect(
      await rig.manager({ world: clock(200 * day) }).keepAlive(flagged ? [flagged] : []),
    ).toEqual({ done: [], failed: [] })
  })
})
