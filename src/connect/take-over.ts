import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { newGrant, register } from './register.ts'
import { tokenManager } from './tokens.ts'
import type { Vault } from './vault.ts'

export interface TakeOverOptions {
  readonly provider: FdxProvider
  readonly vault: Vault
  readonly state: State
  readonly world: World
  readonly locks: string
  readonly label: string
  readonly refreshToken: string
}

/**
 * Makes a connection of a refresh token that another program has obtained, and refreshes it at once: from
 * then on that program must not use it. Sealed before it is spent, so a rotated token is not lost.
 * @throws FdxError `CONFIG_INVALID` when it is no token; as `TokenManager.accessToken` when it does not
 *   work: the connection then stays, flagged with the reason.
 */
export async function takeOver(options: TakeOverOptions): Promise<Connection> {
  const { provider, vault, state, world, label, refreshToken } = options
  // RFC 6749 appendix A.17: visible ASCII and spaces.
  if (!/^[\x20-\x7e]{4,8192}$/.test(refreshToken))
    throw new FdxError('CONFIG_INVALID', 'expected one refresh token on standard input')
  const grant = newGrant({
    kind: 'grant',
    generation: 0,
    refreshToken,
    accessToken: null,
    receivedAt: world.now(),
    expiresAt: world.now(),
  })
  const connection = await register(
    { vault, state, world },
    {
      provider,
      subject: undefined,
      label,
      scopes: provider.oauth.scopes.join(' '),
      consentDays: provider.oauth.consentDays,
    },
    grant,
  )
  await tokenManager({ ...options, provider }).accessToken(connection)
  return connection
}
