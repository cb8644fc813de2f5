import type { Provider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import type { ConnectionLocks } from './connection-lock.ts'
import type { ProvedRequest } from './dpop.ts'
import { type TokenManager, tokenManager } from './tokens.ts'
import type { Vault } from './vault.ts'

/** What opens a connection's data: for FDX a way to a live access token, for Flinks the LoginId. */
export interface Credentials {
  /** A live access token; pass the one that was refused to have it renewed. */
  readonly token: ((rejected?: string) => Promise<string>) | undefined
  /** The `DPoP` header of a data request, where the tokens are bound to a key (RFC 9449). */
  readonly proof?: ((request: ProvedRequest) => Promise<string | undefined>) | undefined
  readonly loginId: string | undefined
}

export interface CredentialOptions extends ConnectionLocks {
  readonly provider: Provider
  readonly vault: Vault
  readonly state: State
  readonly world: World
  /** The caller's own manager, where it also settles, keeps alive or counts; one is made when left out. */
  readonly tokens?: TokenManager
}

/**
 * Gives a provider's connections their credentials, one at a time. What a killed process left open in a
 * refresh is settled first.
 * @throws FdxError from the returned function: as `TokenManager.accessToken`, or `VAULT_RECORD`.
 */
export function openCredentials(
  options: CredentialOptions,
): (connection: Connection) => Promise<Credentials> {
  const { provider, vault } = options
  if (provider.protocol === 'fdx') {
    const tokens = options.tokens ?? tokenManager({ ...options, provider })
    return async (connection) => {
      await tokens.settle(connection)
      return {
        token: (rejected) => tokens.accessToken(connection, rejected),
        ...(provider.oauth.dpop && { proof: (request) => tokens.proof(connection, request) }),
        loginId: undefined,
      }
    }
  }
  return async (connection) => {
    const secret = await vault.read(connection.id)
    if (secret.kind !== 'login')
      throw new FdxError('VAULT_RECORD', 'the vault record of this connection is of another kind')
    return { token: undefined, loginId: secret.loginId }
  }
}
