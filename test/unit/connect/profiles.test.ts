import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, fetch } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type FdxProvider, fdxProviderSchema } from '../../../src/config/provider.ts'
import { clientCredentialsToken } from '../../../src/connect/client-credentials.ts'
import { connectFdx } from '../../../src/connect/connect-fdx.ts'
import { providerTls } from '../../../src/connect/provider-keys.ts'
import { listenForRedirect } from '../../../src/connect/redirect.ts'
import { revokeGrant } from '../../../src/connect/revoke.ts'
import { tokenManager } from '../../../src/connect/tokens.ts'
import { type Grant, openVault, type Vault } from '../../../src/connect/vault.ts'
import type { Connection } from '../../../src/state/connections.ts'
import { openState, type State } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'
import {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  clientSecret,
  startAuthorizationServer,
  visit,
} from '../../support/authorization-server.ts'
import { type Certificates, makeCertificates } from '../../support/certificates.ts'

let shared = ''
let certificates: Certificates
beforeAll(() => {
  shared = mkdtempSync(join(tmpdir(), 'fdx-profiles-'))
  certificates = makeCertificates(shared)
  for (const [name, pair] of [
    ['es256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ps256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const) {
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(join(shared, `${name}.pem`), pem, { mode: 0o600 })
    jwks[name] = { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: name }] }
  }
})
afterAll(() => rmSync(shared, { recursive: true }))
const jwks: Record<string, { keys: object[] }> = {}

let folder = ''
let state: State
let vault: Vault
let server: AuthorizationServer
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-profile-'))
  state = openState(join(folder, 'state.db'))
  vault = await openVault(join(folder, 'vault'), { bytes: Buffer.alloc(32, 7), id: 'test' })
})
afterEach(async () => {
  await server[Symbol.asyncDispose]()
  state[Symbol.dispose]()
  rmSync(folder, { recursive: true })
})

/** How the server and the provider file speak of one kind of client. */
interface Profile {
  readonly name: string
  readonly server: () => AuthorizationServerOptions
  readonly oauth: () => object
}

const profiles: readonly Profile[] = [
  {
    name: 'client_secret_basic, PAR',
    server: () => ({ client: { require_pushed_authorization_requests: true } }),
    oauth: () => ({ clientSecret, clientAuth: 'client_secret_basic', pushedAuthorization: true }),
  },
  {
    name: 'client_secret_post, JSON-free form, no PAR',
    server: () => ({ clientAuth: 'client_secret_post' }),
    oauth: () => ({ clientSecret, clientAuth: 'client_secret_post', requireIss: true }),
  },
  {
    name: 'private_key_jwt ES256, PAR, DPoP (FAPI 2.0)',
    server: () => ({
      clientAuth: 'private_key_jwt',
      client: {
        jwks: jwks['es256'] as never,
        token_endpoint_auth_signing_alg: 'ES256',
        require_pushed_authorization_requests: true,
        dpop_bound_access_tokens: true,
      },
    }),
    oauth: () => ({
      clientAuth: 'private_key_jwt',
      privateKey: { file: join(shared, 'es256.pem'), kid: 'es256' },
      pushedAuthorization: true,
      dpop: true,
      requireIss: true,
    }),
  },
  {
    name: 'private_key_jwt PS256',
    server: () => ({
      clientAuth: 'private_key_jwt',
      client: {
        jwks: jwks['ps256'] as never,
        token_endpoint_auth_signing_alg: 'PS256',
      },
    }),
    oauth: () => ({
      clientAuth: 'private_key_jwt',
      privateKey: { file: join(shared, 'ps256.pem'), kid: 'ps256', alg: 'PS256' },
    }),
  },
  {
    name: 'tls_client_auth with endpoint aliases, certificate-bound tokens',
    server: () => ({
      clientAuth: 'tls_client_auth',
      certificates,
      client: {
        tls_client_auth_subject_dn: 'CN=me',
        tls_client_certificate_bound_access_tokens: true,
      },
    }),
    oauth: () => ({
      clientAuth: 'tls_client_auth',
      tls: { ...certificates.client, caFile: certificates.caFile },
    }),
  },
  {
    name: 'DPoP with client_secret_basic',
    server: () => ({ client: { dpop_bound_access_tokens: true } }),
    oauth: () => ({ clientSecret, clientAuth: 'client_secret_basic', dpop: true }),
  },
]

function providerOf(oauth: object): FdxProvider {
  return {
    ...fdxProviderSchema.parse({
      protocol: 'fdx',
      title: 'A bank',
      version: 6,
      baseUrl: server.issuer,
      oauth: {
        issuer: server.issuer,
        discovery: true,
        clientId: 'me',
        scopes: ['openid', 'offline_access'],
        authorizeParameters: { prompt: 'consent' },
        redirectUri: 'http://127.0.0.1:0/callback',
        ...oauth,
      },
    }),
    name: 'bank',
  }
}

async function connect(provider: FdxProvider): Promise<{ connection: Connection; link: URL }> {
  await using receiver = await listenForRedirect(provider.oauth.redirectUri)
  let link = new URL('about:blank')
  const connection = await connectFdx({
    provider,
    vault,
    state,
    world: realWorld,
    receiver,
    open: (to) => {
      link = to
      return visit(to, certificates.ca)
    },
    label: 'test',
    timeoutMs: 10_000,
  })
  return { connection, link }
}

const stored = async ({ id }: Connection): Promise<Grant> => {
  const secret = await vault.read(id)
  if (secret.kind !== 'grant') throw new Error('not a grant')
  return secret
}

describe.each(profiles)('$name', (profile) => {
  test('code, refresh, data request and revocation all work', async () => {
    server = await startAuthorizationServer(profile.server())
    const provider = providerOf(profile.oauth())
    const { connection, link } = await connect(provider)
    if (provider.oauth.pushedAuthorization)
      expect([...link.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri'])
    else expect(link.searchParams.get('code_challenge_method')).toBe('S256')

    const tokens = tokenManager({ provider, vault, state, world: realWorld })
    const first = await tokens.accessToken(connection)
    const second = await tokens.accessToken(connection, first)
    expect(second).not.toBe(first)
    const grant = await stored(connection)
    expect(grant.rotates).toBe(true)
    expect(await server.takes(grant.refreshToken ?? '')).toBe(true)

    // A data request, at the server's own protected resource.
    const boundTo = { dpop: grant.dpopKey !== undefined, tls: provider.oauth.tls !== undefined }
    expect(boundTo.dpop).toBe(provider.oauth.dpop)
    const agent = new Agent({ connect: providerTls(provider) })
    const data = await userinfo(agent, async (url, nonce) => {
      const request = { method: 'GET', url, accessToken: second, nonce }
      const proof = await tokens.proof(connection, request)
      return proof === undefined
        ? { authorization: `Bearer ${second}` }
        : { authorization: `DPoP ${second}`, dpop: proof }
    })
    expect(data).toBe(200)
    await agent.close()
    if (boundTo.dpop || boundTo.tls) {
      const bare = new Agent({ connect: { ca: certificates.ca } })
      const stolen = { authorization: `Bearer ${second}` }
      expect(await userinfo(bare, async () => stolen)).toBe(401)
      await bare.close()
    }

    expect(await revokeGrant({ provider, vault, tokens }, connection)).toEqual({
      confirmed: true,
      reason: '',
    })
    expect(await server.takes(grant.refreshToken ?? '')).toBe(false)
  })

  test('a token of the client’s own', async () => {
    server = await startAuthorizationServer(profile.server())
    const provider = providerOf({ ...profile.oauth(), dpop: false })
    if (profile.name.includes('DPoP')) {
      // This client has no token that is bound to nothing.
      await expect(clientCredentialsToken(provider, ['institutions:read'])).rejects.toMatchObject({
        code: 'CLIENT_REFUSED',
      })
      return
    }
    const token = await clientCredentialsToken(provider, ['institutions:read'], () => 1000)
    expect(token.accessToken.length).toBeGreaterThan(10)
    expect(token.expiresAt).toBe(301_000)
  })

  /** Answers a server's nonce challenge once, as RFC 9449 section 9 asks of a client. */
  async function userinfo(
    agent: Agent,
    headersOf: (url: string, nonce?: string) => Promise<Record<string, string>>,
  ): Promise<number> {
    const metadata = await fetch(`${server.issuer}/.well-known/openid-configuration`, {
      dispatcher: agent,
    })
    const document = (await metadata.json()) as {
      userinfo_endpoint: string
      mtls_endpoint_aliases?: { userinfo_endpoint: string }
    }
    const url = document.mtls_endpoint_aliases?.userinfo_endpoint ?? document.userinfo_endpoint
    const ask = async (nonce?: string) =>
      fetch(url, { headers: await headersOf(url, nonce), dispatcher: agent })
    const answer = await ask()
    const nonce = answer.headers.get('dpop-nonce')
    await answer.text()
    if (answer.status !== 401 || nonce === null) return answer.status
    const again = await ask(nonce)
    await again.text()
    return again.status
  }
})

test('the server ends a grant whose used refresh token comes back, and the connection is flagged', async () => {
  server = await startAuthorizationServer()
  const provider = providerOf({ clientSecret, clientAuth: 'client_secret_basic' })
  const { connection } = await connect(provider)
  const before = await stored(connection)
  const tokens = tokenManager({ provider, vault, state, world: realWorld })
  await tokens.accessToken(connection, before.accessToken ?? '')
  const after = await stored(connection)
  await vault.write(connection.id, { ...before, generation: after.generation + 1 }) // a restored backup
  await expect(tokens.accessToken(connection, before.accessToken ?? '')).rejects.toMatchObject({
    code: 'REAUTH',
  })
  expect(await server.takes(after.refreshToken ?? '')).toBe(false)
  expect(tokens.metrics.reauth_total).toMatchObject({ refused: 1, lost: 0 })
})
