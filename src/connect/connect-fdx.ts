import * as oc from 'openid-client'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import type { ConnectionLocks } from './connection-lock.ts'
import { dpopHandle, newDpopKey } from './dpop.ts'
import { oauthConfiguration } from './oauth.ts'
import type { RedirectReceiver } from './redirect.ts'
import { newGrant, register } from './register.ts'
import { nextGrant, readTokenAnswer } from './token-answer.ts'
import { tokenOutcome } from './token-outcome.ts'
import type { Vault } from './vault.ts'

export interface ConnectOptions extends ConnectionLocks {
  readonly provider: FdxProvider
  readonly vault: Vault
  readonly state: State
  readonly world: World
  readonly receiver: RedirectReceiver
  /** Shows the person the provider's consent page: opens a browser, prints the link. */
  readonly open: (link: URL) => Promise<void>
  readonly label: string
  /** Longest wait for the person. Milliseconds. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * The authorization_code grant: sends the person to the provider with state and an S256 challenge, takes
 * the code at the redirect URI, exchanges it, seals the tokens, registers the connection
 * (RFC 6749 section 4.1, RFC 7636, RFC 9207). The request is pushed (RFC 9126) and the tokens are bound
 * to a key of the connection's own (RFC 9449) where the provider's file says so.
 * @throws FdxError `CONNECT_REFUSED` (the person or the provider said no), `CONNECT_STATE` (the answer
 *   does not belong to our question), `CONNECT_TIMEOUT`, `CLIENT_REFUSED`, `UNREACHABLE`.
 */
export async function connectFdx(options: ConnectOptions): Promise<Connection> {
  const { provider, vault, state, world, receiver } = options
  const { oauth } = provider
  let answered: Buffer = Buffer.alloc(0)
  const configuration = await oauthConfiguration(provider, {
    onAnswer: async (bytes) => {
      answered = bytes
    },
  })
  const dpopKey = oauth.dpop ? await newDpopKey() : undefined
  const binding =
    dpopKey === undefined ? undefined : { DPoP: await dpopHandle(configuration, dpopKey) }
  const verifier = oc.randomPKCECodeVerifier()
  const expectedState = receiver.state ?? oc.randomState()
  if (configuration.serverMetadata().authorization_endpoint === undefined)
    throw new FdxError(
      'CONFIG_INVALID',
      `provider ${provider.name}: oauth.authorizationEndpoint is missing`,
    )
  const question = {
    ...oauth.authorizeParameters,
    response_type: 'code',
    redirect_uri: receiver.redirectUri,
    scope: oauth.scopes.join(' '),
    state: expectedState,
    ...(oauth.pkce && {
      code_challenge: await oc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
    ...(binding && { dpop_jkt: await binding.DPoP.calculateThumbprint() }),
  }
  const link = oauth.pushedAuthorization
    ? await oc
        .buildAuthorizationUrlWithPAR(configuration, question, binding)
        .catch((error: unknown) => {
          throw connectFailure(error, provider, 'the authorization request')
        })
    : oc.buildAuthorizationUrl(configuration, question)
  const [back] = await Promise.all([
    receiver.received(options.timeoutMs, options.signal),
    options.open(link),
  ])
  try {
    await oc.authorizationCodeGrant(
      configuration,
      back,
      { expectedState, ...(oauth.pkce && { pkceCodeVerifier: verifier }) },
      undefined,
      binding,
    )
  } catch (error) {
    throw connectFailure(error, provider, 'the code')
  }
  const answer = readTokenAnswer(answered)
  const grant = nextGrant({ generation: 0, refreshToken: null, dpopKey }, answer, world.now())
  return register(
    { ...options, vault, state, world },
    {
      provider,
      subject: answer.subject,
      label: options.label,
      scopes: answer.scope ?? oauth.scopes.join(' '),
      consentDays: oauth.consentDays,
    },
    newGrant(grant),
  )
}

/** OAuth error names are a closed vocabulary; anything else in their place is not repeated. */
const errorName = /^[a-z_]{1,40}$/

function connectFailure(error: unknown, provider: FdxProvider, refused: string): FdxError {
  if (error instanceof oc.AuthorizationResponseError) {
    const name = errorName.test(error.error) ? error.error : 'an error'
    const why = name === 'access_denied' ? 'the consent was declined' : `it answered ${name}`
    return new FdxError('CONNECT_REFUSED', `${provider.title} gave no access: ${why}`)
  }
  const outcome = tokenOutcome(error)
  if (outcome === 'client')
    return new FdxError(
      'CLIENT_REFUSED',
      `the provider refuses our client credentials; check oauth.clientId and the ${provider.oauth.clientAuth} settings of ${provider.name}`,
    )
  if (outcome === 'grant' || outcome === 'refused')
    return new FdxError('CONNECT_REFUSED', `the provider refused ${refused}; connect again`)
  if (error instanceof oc.ClientError && error.code === 'OAUTH_INVALID_RESPONSE')
    return new FdxError(
      'CONNECT_STATE',
      'the answer at the redirect URI does not belong to this connect (state, issuer or code); connect again',
    )
  return new FdxError('UNREACHABLE', 'the token endpoint gave no usable answer; connect again')
}
