import { generateKeyPairSync } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider'
import { Agent, fetch } from 'undici'
import type { ClientAuthMethod } from '../../src/config/oauth.ts'
import { authorizationStore } from './authorization-store.ts'
import type { Certificates } from './certificates.ts'
import type { Trouble } from './token-server.ts'

/** A real authorization server (oidc-provider) on loopback, with rotating refresh tokens, reuse ending the grant. */
export interface AuthorizationServer extends AsyncDisposable {
  readonly issuer: string
  /** How many requests it got, by path. */
  requests(path: string): number
  tokenRequests(): number
  /** Acts once in place of the next answer of the token endpoint. */
  trouble: Trouble | undefined
  /** Whether the server's own store takes this refresh token. */
  takes(refreshToken: string): Promise<boolean>
}

export interface AuthorizationServerOptions {
  /** Who logs in and consents, without being asked. */
  readonly person?: string
  readonly clientAuth?: ClientAuthMethod
  /** Further metadata of the one client, `me`. */
  readonly client?: Partial<ClientMetadata>
  /** Serves TLS, and a second address that asks for client certificates (mtls_endpoint_aliases). */
  readonly certificates?: Certificates
}

export const clientSecret = 'client-secret-of-at-least-32-characters'

export async function startAuthorizationServer(
  options: AuthorizationServerOptions = {},
): Promise<AuthorizationServer> {
  const seen = new Map<string, number>()
  const listener: RequestListener = (request, response) => {
    const path = new URL(request.url ?? '/', 'http://host').pathname
    if (request.headers['x-straight'] === undefined) seen.set(path, (seen.get(path) ?? 0) + 1)
    const { trouble } = handle
    if (path === '/token' && trouble !== undefined && request.headers['x-straight'] === undefined) {
      handle.trouble = undefined
      void act(trouble)
      return
    }
    if (path.startsWith('/interaction/')) void finish().catch(() => response.writeHead(500).end())
    else callback(request, response)

    /** A trouble that has the request processed gets the answer of the real endpoint. */
    async function act(trouble: Trouble) {
      const body = await text(request)
      const exchange = { request, response }
      try {
        trouble({
          ...exchange,
          process: () => {
            throw needsProcessing
          },
        })
      } catch (error) {
        if (error !== needsProcessing) throw error
        const { authorization = '', 'content-type': type = '' } = request.headers
        const answer = await fetch(`${issuer}/token`, {
          method: 'POST',
          headers: { authorization, 'content-type': type, 'x-straight': '1' },
          body,
        })
        const members = (await answer.json()) as Record<string, unknown>
        trouble({ ...exchange, process: () => members })
      }
    }

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
  }
  const { certificates } = options
  const open = (asks: boolean) =>
    certificates === undefined
      ? createServer(listener)
      : createTlsServer(
          {
            ...certificates.server,
            ca: certificates.ca,
            requestCert: asks,
            rejectUnauthorized: false,
          },
          listener,
        )
  const servers = certificates === undefined ? [open(false)] : [open(false), open(true)]
  const [issuer = '', aliases = ''] = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
      const { port } = server.address() as AddressInfo
      return `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
    }),
  )
  const provider = new Provider(issuer, configure(options, aliases))
  const callback = provider.callback()
  const handle: AuthorizationServer = {
    issuer,
    trouble: undefined,
    requests: (path) => seen.get(path) ?? 0,
    tokenRequests: () => seen.get('/token') ?? 0,
    takes: async (refreshToken) => {
      const token = await provider.RefreshToken.find(refreshToken)
      return token?.isValid === true && token.consumed === undefined
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise((closed) => server.close(closed))
      }
    },
  }
  return handle
}

const needsProcessing = new Error('this trouble begins after the request is processed')

function configure(options: AuthorizationServerOptions, aliases: string): Configuration {
  const clientAuth = options.clientAuth ?? 'client_secret_basic'
  const withTls = options.certificates !== undefined
  return {
    adapter: authorizationStore(),
    jwks: {
      keys: [
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
      ],
    },
    clients: [
      {
        client_id: 'me',
        ...(clientAuth.startsWith('client_secret') && { client_secret: clientSecret }),
        redirect_uris: ['http://127.0.0.1/callback'],
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        response_types: ['code'],
        token_endpoint_auth_method: clientAuth,
        id_token_signed_response_alg: 'ES256',
        ...options.client,
      },
    ],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      ...(withTls ? (['tls_client_auth'] as const) : []),
    ],
    cookies: { keys: ['a test'] },
    scopes: ['openid', 'offline_access', 'institutions:read'],
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    issueRefreshToken: () => true,
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    ...(withTls && {
      discovery: {
        mtls_endpoint_aliases: {
          token_endpoint: `${aliases}/token`,
          revocation_endpoint: `${aliases}/token/revocation`,
          userinfo_endpoint: `${aliases}/me`,
        },
      },
    }),
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 5), requireNonce: () => true },
      mTLS: {
        enabled: withTls,
        tlsClientAuth: true,
        certificateBoundAccessTokens: true,
        getCertificate: ({ socket }) => (socket as TLSSocket).getPeerX509Certificate?.(),
        certificateAuthorized: ({ socket }) => (socket as TLSSocket).authorized,
        certificateSubjectMatches: ({ socket }, property, expected) =>
          property === 'tls_client_auth_subject_dn' &&
          `CN=${(socket as TLSSocket).getPeerCertificate().subject.CN}` === expected,
      },
    },
    ttl: {
      AccessToken: 300,
      ClientCredentials: 300,
      RefreshToken: 86_400,
      Grant: 86_400,
      Session: 600,
      Interaction: 600,
      IdToken: 300,
    },
  }
}

/** A browser without a screen: follows redirects, and keeps cookies, until the last page. */
export async function visit(link: URL, ca?: string): Promise<void> {
  const cookies = new Map<string, string>()
  const agent = new Agent(ca === undefined ? {} : { connect: { ca } })
  let url = link
  for (let hop = 0; hop < 12; hop++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      dispatcher: agent,
    })
    await answer.text()
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s)
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null) return agent.close()
    url = new URL(location, url)
  }
  throw new Error('too many redirects')
}
