import * as oc from 'openid-client'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import { type ConnectionLocks, lockConnection } from './connection-lock.ts'
import { oauthConfiguration } from './oauth.ts'
import { tokenOutcome } from './token-outcome.ts'
import { oauthRequest } from './token-transport.ts'
import type { TokenManager } from './tokens.ts'
import type { Vault } from './vault.ts'

export interface Revocation {
  /** Whether the provider has said that the grant is ended. */
  readonly confirmed: boolean
  /** Why not, in words for a person; empty when confirmed. */
  readonly reason: string
}

export interface RevokeOptions extends ConnectionLocks {
  readonly provider: FdxProvider
  readonly vault: Vault
  readonly tokens: TokenManager
}

/**
 * Ends the grant at the provider (RFC 7009, or DELETE with the access token as Flinks Outbound documents).
 * Never throws for what the provider does: the connection is to be ended here whatever it answers, and the
 * request may be repeated for days (facts/reliability-security.md 7.1). Changes nothing on our side.
 */
export async function revokeGrant(
  options: RevokeOptions,
  connection: Connection,
): Promise<Revocation> {
  try {
    return await ways[options.provider.oauth.revocation](options, connection)
  } catch (error) {
    const reason =
      error instanceof FdxError
        ? error.message
        : tokenOutcome(error) === 'client'
          ? 'the provider refuses our client credentials'
          : 'the provider gave no usable answer; revoke again later'
    return { confirmed: false, reason }
  }
}

type Way = (options: RevokeOptions, connection: Connection) => Promise<Revocation>

const confirmed: Revocation = { confirmed: true, reason: '' }

const ways: Record<FdxProvider['oauth']['revocation'], Way> = {
  rfc7009: async (options, connection) => {
    const { provider, vault } = options
    // Under the lock: a refresh in between would leave us with the token that has just been replaced.
    using _lock = await lockConnection(vault, connection.id, options)
    const secret = await vault.read(connection.id)
    const token = secret.kind === 'grant' ? (secret.refreshToken ?? secret.accessToken) : null
    if (token === null) return { confirmed: false, reason: 'there is no token to revoke' }
    const configuration = await oauthConfiguration(provider)
    if (configuration.serverMetadata().revocation_endpoint === undefined)
      throw new FdxError(
        'CONFIG_INVALID',
        `provider ${provider.name}: oauth.revocationEndpoint is missing`,
      )
    await oc.tokenRevocation(configuration, token)
    return confirmed
  },
  'bearer-delete': async ({ provider, tokens }, connection) => {
    const { revocationEndpoint } = provider.oauth
    if (revocationEndpoint === undefined)
      throw new FdxError(
        'CONFIG_INVALID',
        `provider ${provider.name}: oauth.revocationEndpoint is missing`,
      )
    const token = await tokens.accessToken(connection)
    const { status, failure } = await oauthRequest(provider, revocationEndpoint, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    })
    if (status >= 200 && status < 300) return confirmed
    if (status === 0) throw failure
    return { confirmed: false, reason: `the provider answered ${status}; revoke again later` }
  },
  none: async () => ({
    confirmed: false,
    reason: 'this provider has no way to revoke; the person can end it at the bank',
  }),
}
