import { fetch } from 'undici'
import type { Provider } from '../../src/config/provider.ts'
import { type Sandbox, sandboxCredentials } from '../../src/sandbox/sandbox.ts'
import { fdxProvider, flinksProvider } from './extract.ts'

/** The sandbox's providers: where they are, and which dialect they speak. */
export const sandboxProviders = ['outbound', 'rotating', 'v6', 'flinks'] as const
export type SandboxProvider = (typeof sandboxProviders)[number]
export type SandboxFdx = Exclude<SandboxProvider, 'flinks'>

const dialects = {
  outbound: { base: '/outbound/api/fdx/5', token: '/outbound/api/v1/token', version: 5 },
  rotating: { base: '/rotating/fdx/v5', token: '/rotating/oauth2/token', version: 5 },
  v6: { base: '/v6/fdx/v6', token: '/v6/oauth2/token', version: 6 },
} as const

export function sandboxProvider(
  box: Sandbox,
  provider: SandboxProvider,
  more: Record<string, unknown> = {},
): Provider {
  if (provider === 'flinks')
    return flinksProvider(
      `${box.url}/flinks/v3/${sandboxCredentials.flinksCustomerId}/BankingServices`,
      {
        authKey: sandboxCredentials.flinksAuthKey,
        apiKey: sandboxCredentials.flinksApiKey,
        ...more,
      },
    )
  const { base, version } = dialects[provider]
  const paging = provider === 'v6' ? 'pageKey' : 'offset'
  return fdxProvider(`${box.url}${base}`, { version, paging, ...more })
}

/** A person's token, as the token manager gives it: kept until it is refused. */
export function sandboxToken(box: Sandbox, provider: SandboxFdx, person: number) {
  let refreshToken = box.grant(provider, person).refreshToken
  let current: Promise<string> | undefined
  const refresh = async (): Promise<string> => {
    const response = await fetch(`${box.url}${dialects[provider].token}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: sandboxCredentials.clientId,
        client_secret: sandboxCredentials.clientSecret,
      }).toString(),
    })
    const answer = (await response.json()) as { access_token: string; refresh_token?: string }
    refreshToken = answer.refresh_token ?? refreshToken
    return answer.access_token
  }
  return (rejected?: string): Promise<string> => {
    if (rejected !== undefined || !current) current = refresh()
    return current
  }
}
