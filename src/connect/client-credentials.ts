import * as oc from 'openid-client'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { oauthConfiguration } from './oauth.ts'
import { readTokenAnswer } from './token-answer.ts'
import { tokenOutcome } from './token-outcome.ts'

export interface ClientToken {
  readonly accessToken: string
  /** Milliseconds since the epoch, by the clock that was handed in. */
  readonly expiresAt: number
}

/**
 * A token of our own, for what belongs to no person, such as a provider's list of institutions
 * (RFC 6749 section 4.4). It costs nothing to get again, so it is kept nowhere.
 * @throws FdxError `CLIENT_REFUSED`, `TOKEN_UNAVAILABLE`, and as `oauthConfiguration`.
 */
export async function clientCredentialsToken(
  provider: FdxProvider,
  scopes: readonly string[],
  now: () => number = Date.now,
): Promise<ClientToken> {
  let answered: Buffer = Buffer.alloc(0)
  const configuration = await oauthConfiguration(provider, {
    onAnswer: async (bytes) => {
      answered = bytes
    },
  })
  try {
    await oc.clientCredentialsGrant(configuration, { scope: scopes.join(' ') })
  } catch (error) {
    const outcome = tokenOutcome(error)
    if (outcome === 'client' || outcome === 'refused' || outcome === 'grant')
      throw new FdxError(
        'CLIENT_REFUSED',
        `the provider gives our client no token of its own; check oauth.clientId, its credentials and scopes of ${provider.name}`,
      )
    throw new FdxError('TOKEN_UNAVAILABLE', 'the token endpoint gave no usable answer')
  }
  const { accessToken, lifeSeconds } = readTokenAnswer(answered)
  if (accessToken === undefined)
    throw new FdxError('TOKEN_UNAVAILABLE', 'the token answer holds no access token')
  return { accessToken, expiresAt: now() + lifeSeconds * 1000 }
}
