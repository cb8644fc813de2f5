import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FdxProvider, fdxProviderSchema } from '../../../src/config/provider.ts'
import { connectFdx } from '../../../src/connect/connect-fdx.ts'
import { listenForRedirect, pastedRedirect } from '../../../src/connect/redirect.ts'
import { tokenManager } from '../../../src/connect/tokens.ts'
import { openVault, type Vault } from '../../../src/connect/vault.ts'
import type { FdxError } from '../../../src/errors.ts'
import { listConnections } from '../../../src/state/connections.ts'
import { openState, type State } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'
import {
  type AuthorizationServer,
  startAuthorizationServer,
  visit,
} from '../../support/authorization-server.ts'

let folder = ''
let state: State
let vault: Vault
let server: AuthorizationServer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-connect-'))
  state = openState(join(folder, 'state.db'))
  vault = await openVault(join(folder, 'vault'), { bytes: Buffer.alloc(32, 7), id: 'test' })
  server = await startAuthorizationServer()
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  state[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

const providerAt = (issuer: string, oauth = {}): FdxProvider => ({
  ...fdxProviderSchema.parse({
    protocol: 'fdx',
    title: 'A bank',
    version: 6,
    baseUrl: issuer,
    oauth: {
      issuer,
      discovery: true,
      clientId: 'me',
      clientSecret: 'client-secret-of-at-least-32-characters',
      clientAuth: 'client_secret_basic',
      scopes: ['openid', 'offline_access'],
      authorizeParameters: { prompt: 'consent' },
      redirectUri: 'http://127.0.0.1:0/callback',
      ...oauth,
    },
  }),
  name: 'bank',
})

async function connect(provider: FdxProvider, open: (link: URL) => Promise<void> = visit) {
  await using receiver = await listenForRedirect(provider.oauth.redirectUri)
  return await connectFdx({
    provider,
    vault,
    state,
    world: realWorld,
    receiver,
    open,
    label: 'test',
    timeoutMs: 10_000,
  })
}
const refusal = (work: Promise<unknown>): Promise<FdxError> =>
  work.then(
    () => Promise.reject(new Error('did not fail')),
    (error: FdxError) => error,
  )

test('a person connects by code and PKCE at a real authorization server, and the token is refreshed', async () => {
  const provider = providerAt(server.issuer)
  const connection = await connect(provider)
  expect(connection).toMatchObject({ state: 'active', provider: 'bank', label: 'test' })
  const tokens = tokenManager({
    provider,
    vault,
    state,
    world: realWorld,
    locks: join(folder, 'locks'),
  })
  const first = await tokens.accessToken(connection)
  const second = await tokens.accessToken(connection, first)
  const third = await tokens.accessToken(connection, second)
  expect(new Set([first, second, third]).size).toBe(3)
  expect(server.tokenRequests()).toBe(3)
})

test('the same person again is the same connection', async () => {
  const provider = providerAt(server.issuer)
  const first = await connect(provider)
  const again = await connect(provider)
  expect(again.id).toBe(first.id)
  expect(listConnections(state)).toHaveLength(1)
})

test('a refusal is told as one, and nothing is stored', async () => {
  const open = (link: URL) => visit(callback(link, (back) => back.set('error', 'access_denied')))
  const error = await refusal(connect(providerAt(server.issuer), open))
  expect(error).toMatchObject({ code: 'CONNECT_REFUSED' })
  expect(error.message).toContain('declined')
  expect(listConnections(state)).toEqual([])
  expect(await vault.list('sealed')).toEqual([])
})

test.each([
  [
    'a foreign state',
    (back: URLSearchParams) => {
      back.set('code', 'x')
      back.set('state', 'foreign')
    },
  ],
  ['no code', (_back: URLSearchParams) => {}],
  [
    'a foreign issuer',
    (back: URLSearchParams) => {
      back.set('code', 'x')
      back.set('iss', 'https://evil.example')
    },
  ],
])('%s ends in CONNECT_STATE and no token request is sent', async (_name, change) => {
  const error = await refusal(
    connect(providerAt(server.issuer), (link) => visit(callback(link, change))),
  )
  expect(error.code).toBe('CONNECT_STATE')
  expect(server.tokenRequests()).toBe(0)
})

test('an answer without iss is refused where iss is required, though nobody advertises it', async () => {
  const endpoints = {
    discovery: false,
    requireIss: true,
    authorizationEndpoint: `${server.issuer}/auth`,
    tokenEndpoint: `${server.issuer}/token`,
  }
  const open = (link: URL) =>
    visit(
      callback(link, (back) => {
        back.set('code', 'x')
        back.delete('iss')
      }),
    )
  const error = await refusal(connect(providerAt(server.issuer, endpoints), open))
  expect(error.code).toBe('CONNECT_STATE')
  expect(server.tokenRequests()).toBe(0)
})

test('a pushed request that is refused is told, before anybody is sent anywhere', async () => {
  const asked: URL[] = []
  const open = async (link: URL) => {
    asked.push(link)
  }
  const wrong = { pushedAuthorization: true, authorizeParameters: { max_age: 'x' } }
  const refused = await refusal(connect(providerAt(server.issuer, wrong), open))
  expect(refused.code).toBe('CONNECT_REFUSED')
  expect(refused.message).toContain('the authorization request')
  const foreign = { pushedAuthorization: true, clientSecret: 'MARKED-wrong-secret' }
  expect((await refusal(connect(providerAt(server.issuer, foreign), open))).code).toBe(
    'CLIENT_REFUSED',
  )
  expect(asked).toEqual([])
})

test('without an authorization endpoint nobody can be asked', async () => {
  const provider = providerAt(server.issuer, {
    discovery: false,
    tokenEndpoint: `${server.issuer}/token`,
  })
  const error = await refusal(connect(provider))
  expect(error.code).toBe('CONFIG_INVALID')
  expect(error.message).toContain('oauth.authorizationEndpoint')
})

test('an issuer that is not the one of its metadata is refused', async () => {
  const provider = providerAt(`${server.issuer}/other`)
  expect((await refusal(connect(provider))).code).toBe('UNREACHABLE')
})

test('a wrong client secret is told as ours', async () => {
  const provider = providerAt(server.issuer, { clientSecret: 'MARKED-wrong-secret' })
  const error = await refusal(connect(provider))
  expect(error.code).toBe('CLIENT_REFUSED')
  expect(error.message).not.toContain('MARKED')
})

test('nobody comes back', async () => {
  const provider = providerAt(server.issuer)
  await using receiver = await listenForRedirect(provider.oauth.redirectUri)
  const error = await refusal(receiver.received(20))
  expect(error.code).toBe('CONNECT_TIMEOUT')
})

test('a pasted address must belong to the redirect URI', async () => {
  const receiver = pastedRedirect(
    'https://app.example/cb',
    async () => 'https://evil.example/cb?code=x',
  )
  expect((await refusal(receiver.received(1))).code).toBe('CONNECT_STATE')
  const good = pastedRedirect(
    'https://app.example/cb',
    async () => ' https://app.example/cb?code=x\n',
  )
  expect((await good.received(1)).searchParams.get('code')).toBe('x')
})

/** What a provider's redirect would be, with the answer's parameters changed. */
function callback(link: URL, change: (back: URLSearchParams) => void): URL {
  const back = new URL(link.searchParams.get('redirect_uri') ?? '')
  back.searchParams.set('state', link.searchParams.get('state') ?? '')
  back.searchParams.set('iss', server.issuer)
  change(back.searchParams)
  return back
}
