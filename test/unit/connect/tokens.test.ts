import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { lockConnection } from '../../../src/connect/connection-lock.ts'
import { fingerprint, journalAnswer, readIntent, writeIntent } from '../../../src/connect/intent.ts'
import { newGrant, register } from '../../../src/connect/register.ts'
import type { TokenManager } from '../../../src/connect/tokens.ts'
import type { FdxError } from '../../../src/errors.ts'
import { setConnectionState } from '../../../src/state/connections.ts'
import { realWorld } from '../../../src/world.ts'
import { judge, type Rig, setUpRig } from '../../faults/rig.ts'
import { startTokenServer, type Trouble } from '../../support/token-server.ts'

let rig: Rig
const setUp = async (...args: Parameters<typeof setUpRig>) => {
  rig = await setUpRig(...args)
  return { ...rig, tokens: rig.manager() }
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
const reset: Trouble = ({ request }) => request.socket.resetAndDestroy()
const hour = 3_600_000

test('an ended token is refreshed, and the rotated refresh token kept', async () => {
  const { server, connection, tokens, stored, vault } = await setUp('strict')
  expect(await tokens.accessToken(connection)).toBe('access-2-MARK')
  expect(await tokens.accessToken(connection)).toBe('access-2-MARK')
  expect(server.requests).toHaveLength(1)
  expect(await stored()).toMatchObject({
    generation: 2,
    refreshToken: server.alive(),
    rotates: true,
  })
  expect(await readIntent(vault, connection.id)).toBeUndefined()
  expect(tokens.metrics).toMatchObject({
    token_refresh_total: { refreshed: 1, ambiguous: 0 },
    answer_to_durable_ms: { count: 1 },
  })
})

test('an answer without a refresh token leaves the old one in force, and teaches that', async () => {
  const { connection, tokens, stored } = await setUp('none')
  await tokens.accessToken(connection)
  expect(await stored()).toMatchObject({
    refreshToken: 'refresh-1-MARK',
    accessToken: 'access-2-MARK',
    rotates: false,
  })
})

test('25 callers of two managers cost one request', async () => {
  const { server, connection } = await setUp('strict')
  const managers = [rig.manager(), rig.manager()]
  const got = await Promise.all(
    Array.from({ length: 25 }, (_, i) => (managers[i % 2] as TokenManager).accessToken(connection)),
  )
  expect(new Set(got)).toEqual(new Set(['access-2-MARK']))
  expect(server.requests).toHaveLength(1)
})

test('a refused access token is renewed once, however many callers report it', async () => {
  const { server, connection, tokens } = await setUp('strict')
  const first = await tokens.accessToken(connection)
  const got = await Promise.all(
    Array.from({ length: 10 }, () => tokens.accessToken(connection, first)),
  )
  expect(new Set(got)).toEqual(new Set(['access-3-MARK']))
  expect(await tokens.accessToken(connection, first)).toBe('access-3-MARK')
  expect(server.requests).toHaveLength(2)
})

test('who joins a renewal that ends in the very token he was refused gets another', async () => {
  const { server, connection, tokens, vault, stored } = await setUp('strict')
  const lock = await lockConnection(vault, connection.id)
  const first = tokens.accessToken(connection)
  await realWorld.sleep(50) // it has read the ended token, and waits for the lock
  const expiresAt = realWorld.now() + hour
  const theirs = { accessToken: 'access-9-MARK', receivedAt: realWorld.now(), expiresAt }
  await vault.write(connection.id, { ...(await stored()), ...theirs, generation: 2 })
  const joined = tokens.accessToken(connection, 'access-9-MARK')
  await realWorld.sleep(50)
  lock[Symbol.dispose]()
  expect(await first).toBe('access-9-MARK')
  expect(await joined).toBe('access-2-MARK')
  expect(server.requests).toHaveLength(1)
})

describe('after a kill', () => {
  const open = (generation = 1) =>
    writeIntent(rig.vault, rig.connection.id, {
      fingerprint: fingerprint('refresh-1-MARK'),
      generation,
      at: realWorld.now(),
      attempts: 1,
    })
  const journal = (answer: object) =>
    journalAnswer(rig.vault, rig.connection.id, 2, Buffer.from(JSON.stringify(answer)))
  const answer = {
    access_token: 'access-9-MARK',
    token_type: 'Bearer',
    refresh_token: 'refresh-9-MARK',
    expires_in: 300,
  }

  test('an answer that reached the disk is applied without a second request', async () => {
    const { server, connection, tokens, stored } = await setUp('strict')
    await open()
    await journal(answer)
    expect(await tokens.settleAll()).toEqual({ done: [connection.id], failed: [] })
    expect(await stored()).toMatchObject({ generation: 2, refreshToken: 'refresh-9-MARK' })
    expect(await tokens.accessToken(connection)).toBe('access-9-MARK')
    expect(server.requests).toHaveLength(0)
    expect(tokens.metrics.token_refresh_total.replayed).toBe(1)
  })

  test('an answer that is larger than the room is kept whole', async () => {
    const { stored, connection, tokens } = await setUp('strict')
    await open()
    await journal({ ...answer, refresh_token: 'r'.repeat(60_000) })
    await tokens.settle(connection)
    expect((await stored()).refreshToken).toHaveLength(60_000)
  })

  test('of an answer that is announced as too large, the refresh token is kept', async () => {
    const { server, connection, tokens, stored } = await setUp('strict')
    server.trouble = ({ response, process }) => {
      const body = JSON.stringify({ ...process(), padding: 'x'.repeat(200_000) })
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
      })
      response.end(body)
    }
    await tokens.accessToken(connection).catch(() => {})
    await tokens.settle(connection)
    expect((await stored()).refreshToken).toBe('refresh-2-MARK')
    expect(await judge(rig)).toBe('alive')
  })

  test('an answer cut inside its refresh token leaves the doubt', async () => {
    const { server, tokens, vault, connection } = await setUp('strict')
    await open()
    await spendOnce(server.url)
    const cut = Buffer.from(JSON.stringify(answer)).subarray(0, -30)
    expect(cut.toString()).toMatch(/"ref$/)
    await journalAnswer(vault, connection.id, 2, cut)
    expect((await tokens.settleAll()).failed).toHaveLength(1)
    expect(await judge(rig)).toBe('flagged as lost')
  })

  test('of an answer that would not have been valid, only the refresh token is used', async () => {
    const { connection, tokens, stored } = await setUp('strict')
    await open()
    await journal({ ...answer, token_type: 'mac' })
    await tokens.settle(connection)
    expect(await stored()).toMatchObject({ refreshToken: 'refresh-9-MARK', accessToken: null })
  })

  test.each([
    ['strict', 'flagged as lost', { lost: 1, refused: 0 }],
    ['grace', 'alive', { lost: 0, refused: 0 }],
    ['none', 'alive', { lost: 0, refused: 0 }],
  ] as const)('when a %s server had rotated, it ends %s', async (rotation, ending, reasons) => {
    const { server, connection, tokens } = await setUp(rotation)
    await open()
    await spendOnce(server.url)
    const { failed } = await tokens.settleAll()
    expect(failed).toEqual(
      ending === 'alive' ? [] : [{ connectionId: connection.id, code: 'REAUTH' }],
    )
    expect(await judge(rig)).toBe(ending)
    expect(tokens.metrics.reauth_total).toMatchObject(reasons)
  })

  test('an intent of another generation, or that cannot be read, is dropped', async () => {
    const { connection, tokens, vault } = await setUp('strict')
    await open(7)
    await tokens.settle(connection)
    expect(await readIntent(vault, connection.id)).toBeUndefined()
    const { writeFileSync } = await import('node:fs')
    writeFileSync(vault.path(connection.id, 'intent'), 'no intent')
    expect(await tokens.accessToken(connection)).toBe('access-2-MARK')
    expect(await readIntent(vault, connection.id)).toBeUndefined()
  })

  test('a connection that was ended in the meantime is not refreshed', async () => {
    const { server, connection, tokens, state } = await setUp('strict')
    await open()
    setConnectionState(state, connection.id, 'revoked', '', '2026-01-01T00:00:00.000Z')
    expect(await tokens.settleAll()).toEqual({ done: [], failed: [] })
    expect(server.requests).toHaveLength(0)
  })

  test('a server that never rotates is not accused of having lost a token', async () => {
    const { server, connection, tokens } = await setUp('none', { refresh: { rotates: 'never' } })
    await open()
    server.trouble = respond(400, { error: 'invalid_grant' })
    await refusal(tokens.settle(connection))
    expect(await judge(rig)).toBe('flagged as refused')
  })
})

test('a connection that is flagged costs no more requests', async () => {
  const { server, connection, tokens } = await setUp('strict')
  server.trouble = respond(400, { error: 'invalid_grant' })
  expect((await refusal(tokens.accessToken(connection))).code).toBe('REAUTH')
  const again = await refusal(rig.manager().accessToken(connection))
  expect(again).toMatchObject({
    code: 'REAUTH',
    message: expect.stringMatching(/revoked or has expired.*fdx connect/),
  })
  expect(server.requests).toHaveLength(1)
})

test('twice no usable answer: the intent stays, and the next start settles it', async () => {
  const { server, connection, tokens, vault } = await setUp('grace')
  const twice: Trouble = (at) => {
    server.trouble = reset
    reset(at)
  }
  server.trouble = twice
  expect((await refusal(tokens.accessToken(connection))).code).toBe('TOKEN_AMBIGUOUS')
  expect(server.requests).toHaveLength(2)
  expect((await readIntent(vault, connection.id))?.attempts).toBe(2)
  expect(tokens.metrics.rotation_ambiguous_total).toBe(2)
  await rig.manager().settleAll()
  expect(await judge(rig)).toBe('alive')
  expect(await readIntent(vault, connection.id)).toBeUndefined()
})

test.each([
  ['revokes', 'always', 1],
  ['revokes', 'never', 0],
  ['tolerates', 'always', 0],
] as const)(
  'reuse %s, rotates %s: running loads are waited for %i times',
  async (reuse, rotates, times) => {
    const { server, connection } = await setUp('grace', { refresh: { reuse, rotates } })
    const drained: string[] = []
    const tokens = rig.manager({
      drain: async ({ id }) => {
        drained.push(id)
      },
    })
    server.trouble = reset
    await tokens.accessToken(connection)
    expect(drained).toHaveLength(times)
  },
)

test('a closed port: nothing was sent, nothing stays open', async () => {
  const { connection, vault, provider } = await setUp('strict')
  const closed = await startTokenServer('none')
  await closed[Symbol.asyncDispose]()
  const nowhere = { ...provider, oauth: { ...provider.oauth, tokenEndpoint: closed.url } }
  const error = await refusal(rig.manager({ provider: nowhere }).accessToken(connection))
  expect(error.code).toBe('TOKEN_UNAVAILABLE')
  expect(await readIntent(vault, connection.id)).toBeUndefined()
})

test('connecting again waits for a refresh under way, and its grant wins', async () => {
  const { server, connection, vault, state, provider, stored } = await setUp('strict')
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<() => void>()
  server.trouble = (at) => isAsked(() => respond(200, at.process())(at))
  const refreshed = rig.manager().accessToken(connection)
  const answer = await asked
  const fresh = {
    ...(await stored()),
    refreshToken: 'refresh-50-MARK',
    expiresAt: realWorld.now() + hour,
  }
  const registered = register(
    { vault, state, world: realWorld },
    { provider, subject: 'alice', label: '', scopes: 'openid', consentDays: 90 },
    newGrant(fresh),
  )
  answer()
  expect(await refreshed).toBe('access-2-MARK')
  expect((await registered).id).toBe(connection.id)
  expect(await stored()).toMatchObject({ refreshToken: 'refresh-50-MARK', generation: 3 })
})

test('who cannot get the lock in time sends nothing', async () => {
  const { server, connection, vault } = await setUp('strict')
  using _lock = await lockConnection(vault, connection.id)
  const error = await refusal(rig.manager({ lockWaitMs: 50 }).accessToken(connection))
  expect(error.code).toBe('LOCK_TIMEOUT')
  expect(server.requests).toHaveLength(0)
})

test('nothing in the vault folder holds a token in clear', async () => {
  const { server, connection, tokens, folder } = await setUp('strict')
  server.trouble = (at) => {
    at.process()
    at.response.writeHead(502).end()
  }
  await tokens.accessToken(connection).catch(() => {})
  for (const name of readdirSync(join(folder, 'vault')))
    expect(readFileSync(join(folder, 'vault', name), 'latin1')).not.toMatch(/MARK/)
})

/** What a killed process had sent. */
async function spendOnce(url: string): Promise<void> {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'refresh-1-MARK' })
  await realWorld.fetch(`${url}/token`, { method: 'POST', body: form.toString() })
}
