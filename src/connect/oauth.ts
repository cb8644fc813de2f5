import * as oc from 'openid-client'
import type { ClientAuthMethod } from '../config/oauth.ts'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { skewOf } from './clock-skew.ts'
import { assertionKey } from './provider-keys.ts'
import { type OauthHooks, tokenDeadlineSeconds, tokenTransport } from './token-transport.ts'

/**
 * openid-client's configuration for a provider: static endpoints or discovery, client authentication, our
 * transport. Made anew for each request, because the journal hook belongs to one request.
 * @throws FdxError `CONFIG_INVALID` when a setting or a key file is missing, `UNREACHABLE` when discovery
 *   fails.
 */
export async function oauthConfiguration(
  provider: FdxProvider,
  hooks: OauthHooks = {},
): Promise<oc.Configuration> {
  const { oauth } = provider
  const server: oc.ServerMetadata = {
    ...(oauth.discovery ? await discovered(provider) : staticMetadata(provider)),
    ...(oauth.requireIss && { authorization_response_iss_parameter_supported: true }),
  }
  const configuration = new oc.Configuration(
    server,
    oauth.clientId,
    {
      use_mtls_endpoint_aliases: oauth.tls?.certFile !== undefined,
      [oc.clockSkew]: skewOf(provider),
    },
    clientAuthentication[oauth.clientAuth](provider),
  )
  // The transport has the same deadline; the timer behind this one would outlive each request, and keep it in memory.
  configuration.timeout = 0
  configuration[oc.customFetch] = tokenTransport(provider, hooks)
  if (isPlain(server.issuer) || isPlain(server.token_endpoint))
    oc.allowInsecureRequests(configuration)
  return configuration
}

/** RFC 6749 section 2.3.1, RFC 7523 (the assertion's audience is the issuer, as FAPI 2.0 asks), RFC 8705. */
const clientAuthentication: Record<ClientAuthMethod, (provider: FdxProvider) => oc.ClientAuth> = {
  client_secret_post: (provider) => oc.ClientSecretPost(clientSecret(provider)),
  client_secret_basic: (provider) => oc.ClientSecretBasic(clientSecret(provider)),
  private_key_jwt: (provider) => oc.PrivateKeyJwt(assertionKey(provider)),
  tls_client_auth: () => oc.TlsClientAuth(),
}

const clientSecret = (provider: FdxProvider): string =>
  given(provider, 'clientSecret', provider.oauth.clientSecret)

/** Provider files allow plain http for loopback only. */
const isPlain = (url: string | undefined) => url !== undefined && new URL(url).protocol === 'http:'

function staticMetadata(provider: FdxProvider): oc.ServerMetadata {
  const { oauth } = provider
  const tokenEndpoint = given(provider, 'tokenEndpoint', oauth.tokenEndpoint)
  return {
    issuer: oauth.issuer ?? new URL(tokenEndpoint).origin,
    token_endpoint: tokenEndpoint,
    ...(oauth.authorizationEndpoint && { authorization_endpoint: oauth.authorizationEndpoint }),
    ...(oauth.revocationEndpoint && { revocation_endpoint: oauth.revocationEndpoint }),
    ...(oauth.pushedAuthorizationEndpoint && {
      pushed_authorization_request_endpoint: oauth.pushedAuthorizationEndpoint,
    }),
  }
}

const metadataLifeMs = 10 * 60_000
const known = new WeakMap<FdxProvider, { metadata: oc.ServerMetadata; until: number }>()

/** The issuer's own metadata, kept for ten minutes, so that a herd of refreshes does not fetch it each time. */
async function discovered(provider: FdxProvider): Promise<oc.ServerMetadata> {
  const kept = known.get(provider)
  if (kept !== undefined && performance.now() < kept.until) return kept.metadata
  const issuer = given(provider, 'issuer', provider.oauth.issuer)
  try {
    const configuration = await oc.discovery(
      new URL(issuer),
      provider.oauth.clientId,
      {},
      oc.None(),
      {
        algorithm: 'oauth2',
        timeout: tokenDeadlineSeconds(provider),
        [oc.customFetch]: tokenTransport(provider, {}),
        execute: isPlain(issuer) ? [oc.allowInsecureRequests] : [],
      },
    )
    const metadata = configuration.serverMetadata()
    known.set(provider, { metadata, until: performance.now() + metadataLifeMs })
    return metadata
  } catch (cause) {
    throw new FdxError('UNREACHABLE', 'the authorization server’s metadata cannot be read', {
      facts: { provider: provider.name },
      cause,
    })
  }
}

/** A provider that was read from a file has what its settings need; one made by hand may not. */
function given(provider: FdxProvider, setting: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new FdxError('CONFIG_INVALID', `provider ${provider.name}: oauth.${setting} is missing`)
}
