import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { FdxProvider } from '../../../src/sandbox/invented/plan.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { sandboxCredentials, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { shapes } from '../../../src/sandbox/shape.ts'
import { clientOf, got, postToken } from '../../support/sandbox.ts'

const redirectUri = 'http://127.0.0.1:1/callback'
const verifier = 'v'.repeat(43)
const challenge = createHash('sha256').update(verifier).digest('base64url')

async function authorize(
  sandbox: Sandbox,
  provider: FdxProvider,
  more: Record<string, string>,
): Promise<URL> {
  const url = new URL(sandbox.url + shapes[provider].oauth.authorize)
  const query = {
    client_id: sandboxCredentials.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    state: 'state-1',
    ...more,
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const answer = await got(url.href, {})
  expect(answer.status).toBe(302)
  return new URL(answer.headers.get('location') ?? '')
}

async function code(sandbox: Sandbox, provider: FdxProvider): Promise<string> {
  const target = await authorize(sandbox, provider, {
    approve: '1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })
  return target.searchParams.get('code') ?? ''
}

const redeem = (sandbox: Sandbox, provider: FdxProvider, form: Record<string, string>) =>
  postToken(sandbox, provider, {
    grant_type: 'authorization_code',
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...form,
  })

const refresh = (sandbox: Sandbox, provider: FdxProvider, token: string) =>
  postToken(sandbox, provider, { grant_type: 'refresh_token', refresh_token: token })

interface Tokens {
  readonly access_token: string
  readonly refresh_token?: string
  readonly sub?: string
}

test.for(['outbound', 'rotating', 'v6'] as const)(
  '%s gives tokens for a code with PKCE',
  async (provider) => {
    await using sandbox = await startSandbox({ port: 0 })
    const tokens = (
      await redeem(sandbox, provider, { code: await code(sandbox, provider) })
    ).json<Tokens>()
    const claims = JSON.parse(
      Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString(),
    ) as { sub: string; client_id: string; exp: number; iat: number }
    expect(claims.sub).toBe(sandbox.people(provider)[1]?.sub)
    expect(claims.client_id).toBe(sandboxCredentials.clientId)
    expect(claims.exp - claims.iat).toBe(299)
    expect(tokens.refresh_token).toBeTypeOf('string')
    expect(tokens.sub).toBe(provider === 'rotating' ? claims.sub : undefined)
  },
)

test('state comes back, iss where the provider has metadata, refusal as access_denied', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' }
  const allowed = await authorize(sandbox, 'rotating', { approve: '0', ...pkce })
  expect(allowed.searchParams.get('state')).toBe('state-1')
  expect(allowed.searchParams.get('iss')).toBe(`${sandbox.url}/rotating`)
  const denied = await authorize(sandbox, 'outbound', { deny: '1' })
  expect(denied.searchParams.get('error')).toBe('access_denied')
  expect(denied.searchParams.has('iss')).toBe(false)
  const without = await authorize(sandbox, 'v6', { approve: '0' })
  expect(without.searchParams.get('error')).toBe('invalid_request')
})

test('an unknown client or person is told so on a page, not by a redirect', async () => {
  await using sandbox = await startSandbox({ port: 0, connections: 2 })
  const base = `${sandbox.url}/outbound/api/v1/authorize?response_type=code&redirect_uri=${redirectUri}`
  expect((await got(`${base}&client_id=other&approve=0`, {})).status).toBe(400)
  expect((await got(`${base}&client_id=sandbox-client&approve=2`, {})).status).toBe(400)
  const page = await got(`${base}&client_id=sandbox-client&scope=TRANSACTIONS`, {})
  expect(page.text).toContain(sandbox.people('outbound')[1]?.name)
  expect(page.text).toContain('TRANSACTIONS')
})

test('metadata of RFC 8414 is at both places', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  for (const path of [
    '/rotating/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/rotating',
  ]) {
    const metadata = (await got(sandbox.url + path, {})).json()
    expect(metadata['issuer']).toBe(`${sandbox.url}/rotating`)
    expect(metadata['token_endpoint']).toBe(`${sandbox.url}/rotating/oauth2/token`)
  }
})

test('a wrong verifier, another redirect_uri and a late code get invalid_grant', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  await using sandbox = await startSandbox({ port: 0, clock: () => now })
  for (const wrong of [{ code_verifier: 'w'.repeat(43) }, { redirect_uri: `${redirectUri}/` }]) {
    const answer = await redeem(sandbox, 'v6', { code: await code(sandbox, 'v6'), ...wrong })
    expect([answer.status, answer.json()['error']]).toEqual([400, 'invalid_grant'])
  }
  const late = await code(sandbox, 'v6')
  now += 301_000
  expect((await redeem(sandbox, 'v6', { code: late })).json()['error']).toBe('invalid_grant')
})

test('a code that comes twice ends its tokens', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const once = await code(sandbox, 'outbound')
  const tokens = (await redeem(sandbox, 'outbound', { code: once })).json<Tokens>()
  expect((await redeem(sandbox, 'outbound', { code: once })).json()['error']).toBe('invalid_grant')
  const after = await refresh(sandbox, 'outbound', tokens.refresh_token ?? '')
  expect(after.json()['error']).toBe('invalid_grant')
})

test('/outbound keeps its refresh token, reads JSON too, and lets it die after 30 idle days', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  await using sandbox = await startSandbox({ port: 0, clock: () => now })
  const { refreshToken } = sandbox.grant('outbound', 0)
  for (let times = 0; times < 3; times++) {
    now += 29 * 86_400_000
    const answer = await got(`${sandbox.url}/outbound/api/v1/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: sandboxCredentials.clientId,
        client_secret: sandboxCredentials.clientSecret,
      }),
    })
    expect(answer.status).toBe(200)
    expect(answer.json()).not.toHaveProperty('refresh_token')
  }
  now += 31 * 86_400_000
  expect((await refresh(sandbox, 'outbound', refreshToken)).json()['error']).toBe('invalid_grant')
})

test('/rotating gives a new refresh token each time; a used one ends the grant', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const { refreshToken: first } = sandbox.grant('rotating', 0)
  const second = (await refresh(sandbox, 'rotating', first)).json<Tokens>().refresh_token ?? ''
  const third = (await refresh(sandbox, 'rotating', second)).json<Tokens>().refresh_token ?? ''
  expect(new Set([first, second, third]).size).toBe(3)
  expect((await refresh(sandbox, 'rotating', first)).json()['error']).toBe('invalid_grant')
  expect((await refresh(sandbox, 'rotating', third)).json()['error']).toBe('invalid_grant')
})

test('/v6 gives the same answer again for 30 seconds; then a used token ends the grant', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  await using sandbox = await startSandbox({ port: 0, clock: () => now })
  const { refreshToken } = sandbox.grant('v6', 0)
  const answer = await refresh(sandbox, 'v6', refreshToken)
  now += 30_000
  expect((await refresh(sandbox, 'v6', refreshToken)).text).toBe(answer.text)
  now += 1000
  expect((await refresh(sandbox, 'v6', refreshToken)).json()['error']).toBe('invalid_grant')
  const live = answer.json<Tokens>().refresh_token ?? ''
  expect((await refresh(sandbox, 'v6', live)).json()['error']).toBe('invalid_grant')
})

test('wrong client secrets get invalid_client: 400 at /outbound, 401 elsewhere; Basic is read', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const { refreshToken } = sandbox.grant('rotating', 0)
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, client_secret: 'wrong' }
  expect((await postToken(sandbox, 'outbound', form)).status).toBe(400)
  expect((await postToken(sandbox, 'rotating', form)).status).toBe(401)
  const { clientId, clientSecret } = sandboxCredentials
  const basic = await got(`${sandbox.url}/rotating/oauth2/token`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    },
    body: `grant_type=refresh_token&refresh_token=${refreshToken}`,
  })
  expect(basic.status).toBe(200)
})

test('an access token ends; revoking ends both; withdrawal at the bank ends both', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z')
  await using sandbox = await startSandbox({ port: 0, clock: () => now })
  const first = await clientOf(sandbox, 'outbound', 0)
  now += 300_000
  const expired = await first.get('/accounts')
  expect(expired.status).toBe(401)
  expect(expired.json()).not.toHaveProperty('code')
  expect(expired.headers.get('ob-correlation-id')).toBeTypeOf('string')

  const second = await clientOf(sandbox, 'outbound', 0)
  const revoked = await got(`${sandbox.url}/outbound/api/v1/revoke`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${second.token}` },
  })
  expect(revoked.status).toBe(204)
  expect((await second.get('/accounts')).status).toBe(401)

  const third = await clientOf(sandbox, 'v6', 0)
  expect(sandbox.withdraw('v6', 0)).toBe(1)
  expect((await third.get('/accounts')).json()['code']).toBe('603')
})

test('client_credentials opens the list of providers and nobody’s data', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const answer = await postToken(sandbox, 'outbound', { grant_type: 'client_credentials' })
  const headers = { authorization: `Bearer ${answer.json<Tokens>().access_token}` }
  const list = await got(`${sandbox.url}/outbound/api/v1/providers?country=CA`, { headers })
  expect(list.json<{ providers: unknown[] }>().providers).toHaveLength(1)
  expect((await got(`${sandbox.url}/outbound/api/fdx/5/accounts`, { headers })).status).toBe(401)
})

test('a resource outside the granted scope is 602', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'outbound', 0, 'ACCOUNT_BASIC')
  expect((await client.get('/accounts')).status).toBe(200)
  const refused = await client.get('/accounts/11/transactions')
  expect([refused.status, refused.json()['code']]).toEqual([401, 602])
})
