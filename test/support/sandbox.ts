import type { Response } from 'undici'
import { fetch } from 'undici'
import type { FdxProvider } from '../../src/sandbox/invented/plan.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { sandboxCredentials } from '../../src/sandbox/sandbox.ts'
import { shapes } from '../../src/sandbox/shape.ts'

/** A small client of the sandbox, for tests of the sandbox itself: no retries, no judgement. */
export interface SandboxClient {
  readonly token: string
  /** An absolute path below the provider's FDX base, or an address. */
  get(path: string, headers?: Record<string, string>): Promise<Got>
}

export interface Got {
  readonly status: number
  readonly headers: Response['headers']
  readonly text: string
  /** The body as JSON. Throws SyntaxError when it is none. */
  json<T = Record<string, unknown>>(): T
}

/** Opens a grant for a person and gets its first access token. */
export async function clientOf(
  sandbox: Sandbox,
  provider: FdxProvider,
  person: number,
  scope?: string,
): Promise<SandboxClient> {
  const { refreshToken } = sandbox.grant(provider, person, scope)
  const answer = await postToken(sandbox, provider, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
  })
  const token = answer.json<{ access_token: string }>().access_token
  return {
    token,
    get: (path, headers = {}) =>
      got(path.startsWith('http') ? path : `${sandbox.url}${shapes[provider].base}${path}`, {
        headers: {
          authorization: `Bearer ${token}`,
          'x-fapi-interaction-id': '5d1f2a34-0000-4000-a000-000000000001',
          ...headers,
        },
      }),
  }
}

/** A form to a provider's token endpoint, with the sandbox's client credentials. */
export function postToken(
  sandbox: Sandbox,
  provider: FdxProvider,
  form: Record<string, string>,
): Promise<Got> {
  const { clientId, clientSecret } = sandboxCredentials
  return got(`${sandbox.url}${shapes[provider].oauth.token}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_id: clientId,
      client_secret: clientSecret,
      ...form,
    }).toString(),
  })
}

/** One request, its answer read whole; redirects are not followed. */
export async function got(
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal },
): Promise<Got> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: <T>() => JSON.parse(text) as T,
  }
}

/** A call of Flinks' native API. */
export function flinks(
  sandbox: Sandbox,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: unknown,
): Promise<Got> {
  const { flinksCustomerId } = sandboxCredentials
  return got(`${sandbox.url}/flinks/v3/${flinksCustomerId}/BankingServices${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** Mints a one-time token and authorizes a login with it. */
export async function flinksAuthorize(
  sandbox: Sandbox,
  login: number,
  more: Record<string, unknown> = {},
): Promise<Got> {
  const minted = await flinks(sandbox, 'POST', '/GenerateAuthorizeToken', {
    'flinks-auth-key': sandboxCredentials.flinksAuthKey,
  })
  const { Token } = minted.json<{ Token: string }>()
  const loginId = sandbox.logins(login, 1)[0]?.loginId
  return flinks(
    sandbox,
    'POST',
    '/Authorize',
    { 'flinks-auth-key': Token },
    {
      LoginId: loginId,
      MostRecentCached: true,
      ...more,
    },
  )
}

export const flinksKey = { 'x-api-key': sandboxCredentials.flinksApiKey }
