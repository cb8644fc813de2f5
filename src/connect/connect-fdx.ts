import * as oc from 'openid-client'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { oauthConfiguration } from './oauth.ts'
import type { RedirectReceiver } from './redirect.ts'
import { newGrant, register } from './register.ts'
import { nextGrant, readTokenAnswer } from './token-answer.ts'
import { tokenOutcome } from './token-outcome.ts'
import type { Vault } from './vault.ts'

export interface ConnectOptions {
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
 * (RFC 6749 section 4.1, RFC 7636, RFC 9207).
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
  const verifier = oc.randomPKCECodeVerifier()
  const expectedState = oc.randomState()
  const link = oc.buildAuthorizationUrl(configuration, {
    ...oauth.authorizeParameters,
    response_type: 'code',
    redirect_uri: receiver.redirectUri,
    scope: oauth.scopes.join(' '),
    state: expectedState,
    ...(oauth.pkce && {
      code_challenge: await oc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
  })
  const [back] = await Promise.all([
    receiver.received(options.timeoutMs, options.signal),
    options.open(link),
  ])
  try {
    await oc.authorizationCodeGrant(configuration, back, {
      expectedState,
      ...(oauth.pkce && { pkceCodeVerifier: verifier }),
    })
  } catch (error) {
    throw connectFailure(error, provider)
  }
  const answer = readTokenAnswer(answered)
  const grant = nextGrant({ generation: 0, refreshToken: null }, answer, world.now())
  return register(
    { vault, state, world },
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

function connectFailure(error: unknown, provider: FdxProvider): FdxError {
  if (error instanceof oc.AuthorizationResponseError) {
    const name = errorName.test(error.error) ? error.error : 'an error'
    const why = name === 'access_denied' ? 'the consent was declined' : `it answered ${name}`
    return new FdxError('CONNECT_REFUSED', `${provider.title} gave no access: ${why}`)
  }
  const outcome = tokenOutcome(error)
  if (outcome === 'client')
    return new FdxError(
      'CLIENT_REFUSED',
      `the provider refuses our client credentials; check oauth.clientId and clientSecret of ${provider.name}`,
    )
  if (outcome === 'grant' || outcome === 'refused')
    return new FdxError('CONNECT_REFUSED', 'the provider refused the code; connect again')
  if (error instanceof oc.ClientError && error.code === 'OAUTH_INVALID_RESPONSE')
    return new FdxError(
      'CONNECT_STATE',
      'the answer at the redirect URI does not belong to this connect (state, issuer or code); connect again',
    )
  return new FdxError('UNREACHABLE', 'the token endpoint gave no usable answer; connect again')
}
