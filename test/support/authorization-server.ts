import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration } from 'oidc-provider'
import { fetch } from 'undici'

/** A real authorization server (oidc-provider) on loopback, with rotating refresh tokens, reuse ending the grant. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string
  /** Form bodies of the token requests it got. */
  tokenRequests(): number
}

/** `asks`: what the person does at the login and consent pages. */
export async function startAuthorizationServer(
  options: { person?: string; clientAuth?: 'client_secret_basic' | 'client_secret_post' } = {},
): Promise<AuthorizationServer> {
  let tokenRequests = 0
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/')) {
      void finish().catch(() => response.writeHead(500).end())
      return
    }
    if (request.method === 'POST' && request.url === '/token') tokenRequests += 1
    callback(request, response)

    async function finish() {
      const { prompt, params, session, grantId } = await provider.interactionDetails(
        request,
        response,
      )
      if (prompt.name === 'login') {
        const login = { accountId: options.person ?? 'alice' }
        await provider.interactionFinished(request, response, { login })
        return
      }
      const grant =
        (grantId && (await provider.Grant.find(grantId))) ||
        new provider.Grant({
          accountId: session?.accountId ?? '',
          clientId: String(params['client_id']),
        })
      grant.addOIDCScope(String(params['scope']))
      const consent = { grantId: await grant.save() }
      await provider.interactionFinished(
        request,
        response,
        { consent },
        { mergeWithLastSubmission: true },
      )
    }
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const configuration: Configuration = {
    clients: [
      {
        client_id: 'me',
        client_secret: 'client-secret-of-at-least-32-characters',
        redirect_uris: ['http://127.0.0.1/callback'],
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: options.clientAuth ?? 'client_secret_basic',
      },
    ],
    cookies: { keys: ['a test'] },
    scopes: ['openid', 'offline_access'],
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    issueRefreshToken: () => true,
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    ttl: {
      AccessToken: 300,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 600,
      Interaction: 600,
      IdToken: 300,
    },
  }
  const provider = new Provider(issuer, configuration)
  const callback = provider.callback()
  return {
    issuer,
    tokenRequests: () => tokenRequests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** A browser without a screen: follows redirects, and keeps cookies, until the last page. */
export async function visit(link: URL): Promise<void> {
  const cookies = new Map<string, string>()
  let url = link
  for (let hop = 0; hop < 12; hop++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie } })
    await answer.text()
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null) return
    url = new URL(location, url)
  }
  throw new Error('too many redirects')
}
