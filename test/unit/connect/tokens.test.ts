import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FdxProvider, fdxProviderSchema } from '../../../src/config/provider.ts'
import { fingerprint, journalAnswer, readIntent, writeIntent } from '../../../src/connect/intent.ts'
import { newGrant, register } from '../../../src/connect/register.ts'
import { type TokenManager, tokenManager } from '../../../src/connect/tokens.ts'
import { type Grant, openVault, type Vault } from '../../../src/connect/vault.ts'
import type { FdxError } from '../../../src/errors.ts'
import { type Connection, getConnection } from '../../../src/state/connections.ts'
import { openState, type State } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'
import { startTokenServer, type TokenServer, type Trouble } from '../../support/token-server.ts'

let folder = ''
let state: State
let vault: Vault
let server: TokenServer | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-tokens-'))
  state = openState(join(folder, 'state.db'))
  vault = await openVault(join(folder, 'vault'), { bytes: Buffer.alloc(32, 7), id: 'test' })
})
afterEach(async () => {
  await server?.[Symbol.asyncDispose]()
  server = undefined
  state[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

/** A connection whose access token has ended, at a server of the given kind. */
async function setUp(rotation: 'strict' | 'grace' | 'none') {
  server = await startTokenServer(rotation)
  const provider: FdxProvider = {
    ...fdxProviderSchema.parse({
      protocol: 'fdx',
      title: 'A bank',
      version: 6,
      baseUrl: server.url,
      oauth: {
        tokenEndpoint: `${server.url}/token`,
        clientId: 'me',
        clientSecret: 'client-secret',
        scopes: ['openid'],
        redirectUri: 'http://127.0.0.1:0/callback',
      },
    }),
    name: 'bank',
  }
  const ended: Grant = {
    kind: 'grant',
    generation: 1,
    refreshToken: 'refresh-1',
    accessToken: 'access-1',
    receivedAt: 0,
    expiresAt: 1,
  }
  const connection = await register(
    { vault, state, world: realWorld },
    { provider, subject: 'alice', label: '', scopes: 'openid', consentDays: 90 },
    newGrant(ended),
  )
  const manager = () =>
    tokenManager({
      provider,
      vault,
      state,
      world: realWorld,
      locks: join(folder, 'locks'),
      ambiguousRetryMs: 1,
    })
  return { server, connection, manager, tokens: manager() }
}

const stored = async (connection: Connection): Promise<Grant> => {
  const secret = await vault.read(connection.id)
  if (secret.kind !== 'grant') throw new Error('not a grant')
  return secret
}
const refusal = (work: Promise<unknown>): Promise<FdxError> =>
  work.then(
    () => Promise.reject(new Error('did not fail')),
    (error: FdxError) => error,
  )

test('an ended token is refreshed, and the rotated refresh token kept', async () => {
  const { server, connection, tokens } = await setUp('strict')
  expect(await tokens.accessToken(connection)).toBe('access-2')
  expect(await tokens.accessToken(connection)).toBe('access-2')
  expect(server.requests).toHaveLength(1)
  expect(await stored(connection)).toMatchObject({ generation: 2, refreshToken: server.alive() })
  expect(await readIntent(vault, connection.id)).toBeUndefined()
})

test('an answer without a refresh token leaves the old one in force', async () => {
  const { connection, tokens } = await setUp('none')
  await tokens.accessToken(connection)
  expect(await stored(connection)).toMatchObject({
    refreshToken: 'refresh-1',
    accessToken: 'access-2',
  })
})

test.each([null, ''])('refresh_token: %j leaves the old one in force', async (blank) => {
  const { server, connection, tokens } = await setUp('none')
  server.trouble = ({ response, process }) =>
    respond(response, 200, { ...process(), refresh_token: blank })
  expect(await tokens.accessToken(connection)).toBe('access-2')
  expect(await stored(connection)).toMatchObject({ refreshToken: 'refresh-1' })
})

test('25 callers of two managers cost one request', async () => {
  const { server, connection, manager } = await setUp('strict')
  const managers = [manager(), manager()]
  const got = await Promise.all(
    Array.from({ length: 25 }, (_, i) => (managers[i % 2] as TokenManager).accessToken(connection)),
  )
  expect(new Set(got)).toEqual(new Set(['access-2']))
  expect(server.requests).toHaveLength(1)
})

test('a refused access token is renewed once, however many callers report it', async () => {
  const { server, connection, tokens } = await setUp('strict')
  const first = await tokens.accessToken(connection)
  const got = await Promise.all(
    Array.from({ length: 10 }, () => tokens.accessToken(connection, first)),
  )
  expect(new Set(got)).toEqual(new Set(['access-3']))
  expect(await tokens.accessToken(connection, first)).toBe('access-3')
  expect(server.requests).toHaveLength(2)
})

test('an answer that reached the disk is applied without a second request', async () => {
  const { server, connection, tokens } = await setUp('strict')
  const intent = {
    fingerprint: fingerprint('refresh-1'),
    generation: 1,
    at: realWorld.now(),
    attempts: 1,
  }
  await writeIntent(vault, connection.id, intent)
  const answer = {
    access_token: 'access-9',
    token_type: 'Bearer',
    refresh_token: 'refresh-9',
    expires_in: 300,
  }
  await journalAnswer(vault, connection.id, 2, Buffer.from(JSON.stringify(answer)))
  await tokens.settle(connection)
  expect(await stored(connection)).toMatchObject({ generation: 2, refreshToken: 'refresh-9' })
  expect(await tokens.accessToken(connection)).toBe('access-9')
  expect(server.requests).toHaveLength(0)
})

test.each([
  ['strict', 'the rotated refresh token never reached us', 'reauth'],
  ['grace', '', 'active'],
] as const)('killed after a %s server rotated: %s', async (rotation, reason, expected) => {
  const { server, connection, tokens } = await setUp(rotation)
  const intent = {
    fingerprint: fingerprint('refresh-1'),
    generation: 1,
    at: realWorld.now(),
    attempts: 1,
  }
  await writeIntent(vault, connection.id, intent)
  await fetchToken(server.url, 'refresh-1') // what the killed process had sent
  await tokens.settle(connection).catch(() => {})
  expect(getConnection(state, connection.id)).toMatchObject({ state: expected, reason })
  if (expected === 'active') expect((await stored(connection)).refreshToken).toBe(server.alive())
})

interface Fault {
  readonly name: string
  readonly trouble: Trouble
  /** How it ends at a strict and at a grace server: `live`, `kept` (fails now, works next time), or a code. */
  readonly strict: string
  readonly grace: string
  readonly requests: number
}

const reset: Trouble = ({ request }) => request.socket.resetAndDestroy()
const html = '<html>Bad gateway MARKED-BODY</html>'

const faults: readonly Fault[] = [
  {
    name: 'reset before the server processed',
    trouble: reset,
    strict: 'live',
    grace: 'live',
    requests: 2,
  },
  {
    name: 'reset after the server processed',
    trouble: (at) => {
      at.process()
      reset(at)
    },
    strict: 'REAUTH',
    grace: 'live',
    requests: 2,
  },
  {
    name: '502 HTML after the server processed',
    trouble: ({ response, process }) => {
      process()
      response.writeHead(502, { 'content-type': 'text/html' }).end(html)
    },
    strict: 'REAUTH',
    grace: 'live',
    requests: 2,
  },
  {
    name: 'an answer cut after the refresh token',
    trouble: ({ response, process }) => {
      const { refresh_token, ...rest } = process()
      const text = JSON.stringify({ refresh_token, ...rest })
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
      response.write(text.slice(0, -10), () => response.destroy())
    },
    strict: 'kept',
    grace: 'kept',
    requests: 1,
  },
  {
    name: 'a silly expires_in',
    trouble: ({ response, process }) =>
      respond(response, 200, { ...process(), expires_in: 'soon' }),
    strict: 'kept',
    grace: 'kept',
    requests: 1,
  },
  {
    name: 'an unknown token type',
    trouble: ({ response, process }) => respond(response, 200, { ...process(), token_type: 'mac' }),
    strict: 'kept',
    grace: 'kept',
    requests: 1,
  },
  {
    name: '429',
    trouble: ({ response }) =>
      respond(response, 429, { error: 'slow_down' }, { 'retry-after': '7' }),
    strict: 'TOKEN_UNAVAILABLE',
    grace: 'TOKEN_UNAVAILABLE',
    requests: 1,
  },
  {
    name: '503 with Retry-After',
    trouble: ({ response }) => response.writeHead(503, { 'retry-after': '7' }).end(html),
    strict: 'TOKEN_UNAVAILABLE',
    grace: 'TOKEN_UNAVAILABLE',
    requests: 1,
  },
  {
    name: 'a redirect to another host',
    trouble: ({ response }) =>
      response.writeHead(307, { location: 'http://127.0.0.1:9/token' }).end(),
    strict: 'REDIRECTED',
    grace: 'REDIRECTED',
    requests: 1,
  },
  {
    name: 'invalid_client',
    trouble: ({ response }) => respond(response, 401, { error: 'invalid_client' }),
    strict: 'CLIENT_REFUSED',
    grace: 'CLIENT_REFUSED',
    requests: 1,
  },
  {
    name: 'invalid_client as 400',
    trouble: ({ response }) => respond(response, 400, { error: 'invalid_client' }),
    strict: 'CLIENT_REFUSED',
    grace: 'CLIENT_REFUSED',
    requests: 1,
  },
  {
    name: 'invalid_grant',
    trouble: ({ response }) =>
      respond(response, 400, { error: 'invalid_grant', error_description: 'MARKED-BODY' }),
    strict: 'REAUTH',
    grace: 'REAUTH',
    requests: 1,
  },
]

describe.each(['strict', 'grace'] as const)('at a %s server', (rotation) => {
  test.each(faults)('$name', async (fault) => {
    const { server, connection, manager, tokens } = await setUp(rotation)
    server.trouble = fault.trouble
    const expected = fault[rotation]
    if (expected === 'live') {
      await tokens.accessToken(connection)
    } else {
      const error = await refusal(tokens.accessToken(connection))
      expect(error.code).toBe(expected === 'kept' ? 'TOKEN_UNAVAILABLE' : expected)
      expect(error.message).not.toMatch(/MARKED|refresh-|access-|client-secret/)
    }
    expect(server.requests).toHaveLength(fault.requests)

    const flagged = getConnection(state, connection.id)?.state === 'reauth'
    expect(flagged).toBe(expected === 'REAUTH')
    if (flagged) return
    // Not flagged: then the refresh token on disk is the one that the server takes, and it works.
    expect((await stored(connection)).refreshToken).toBe(server.alive())
    expect(await manager().accessToken(connection)).toMatch(/^access-/)
  })
})

test('nothing in the vault folder holds a token in clear', async () => {
  const { server, connection, tokens } = await setUp('strict')
  server.trouble = ({ response, process }) => {
    process()
    response.writeHead(502).end()
  }
  await tokens.accessToken(connection).catch(() => {})
  for (const name of readdirSync(join(folder, 'vault')))
    expect(readFileSync(join(folder, 'vault', name), 'latin1')).not.toMatch(/refresh-\d|access-\d/)
})

function respond(
  response: Parameters<Trouble>[0]['response'],
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

async function fetchToken(url: string, token: string): Promise<void> {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token })
  await realWorld.fetch(`${url}/token`, { method: 'POST', body: form.toString() })
}
