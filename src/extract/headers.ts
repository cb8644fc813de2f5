import type { Provider } from '../config/provider.ts'
import type { Credentials } from '../connect/credentials.ts'
import type { World } from '../world.ts'

/** What every request says, wherever it goes. */
export const plainHeaders = { 'accept-encoding': 'gzip', 'user-agent': 'fdx-etl' } as const

/**
 * Which of Flinks' secrets a call shows (facts/flinks-native.md 3). A one-time token is used up even by a call
 * that fails, so each attempt mints its own.
 */
export type FlinksCredential =
  | 'authKey'
  | 'apiKey'
  | 'apiSecret'
  | { readonly mint: () => Promise<string> }

/** What a request to a provider shows of itself. */
export interface Shown {
  readonly method: 'GET' | 'POST'
  readonly target: URL
  readonly credential: FlinksCredential
  readonly body?: string
  /** The media type of a file, in place of JSON. */
  readonly accept?: string
}

/** Headers of a request to the provider itself, but for those that show who asks. */
export function requestHeaders(
  provider: Provider,
  request: Shown,
  world: Pick<World, 'uuid'>,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...plainHeaders,
    accept: request.accept ?? 'application/json',
  }
  if (request.body !== undefined) headers['content-type'] = 'application/json'
  if (provider.protocol === 'fdx') {
    headers['fdx-api-actor-type'] = 'BATCH'
    if (provider.interactionId) headers['x-fapi-interaction-id'] = world.uuid()
    for (const [name, value] of Object.entries(provider.headers))
      headers[name.toLowerCase()] = value
  }
  return headers
}

/** The headers that show who asks; none where Flinks wants none. */
export async function secretHeaders(
  provider: Provider,
  { credential, method, target }: Shown,
  fdx: {
    readonly token: string | undefined
    readonly proof: Credentials['proof']
    readonly nonce: string | undefined
  },
): Promise<Readonly<Record<string, string>>> {
  if (provider.protocol === 'fdx') {
    const { nonce, token } = fdx
    if (token === undefined) return {}
    const url = target.origin + target.pathname
    const proof = await fdx.proof?.({ method, url, accessToken: token, nonce })
    if (proof !== undefined) return { authorization: `DPoP ${token}`, dpop: proof }
    return { authorization: `Bearer ${token}` }
  }
  if (credential === 'apiKey')
    return provider.apiKey === undefined ? {} : { 'x-api-key': provider.apiKey }
  if (credential === 'apiSecret') return { authorization: `Bearer ${provider.apiSecret ?? ''}` }
  const key = credential === 'authKey' ? provider.authKey : await credential.mint()
  return { 'flinks-auth-key': key }
}
