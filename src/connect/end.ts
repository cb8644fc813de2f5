import { existsSync } from 'node:fs'
import type { Provider } from '../config/provider.ts'
import { FdxError, safeError } from '../errors.ts'
import { addAudit } from '../state/audit.ts'
import { type Connection, setConnectionState } from '../state/connections.ts'
import { endConsent } from '../state/consents.ts'
import { mergedInto } from '../state/merges.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { deleteCard } from './delete-card.ts'
import { type Revocation, revokeGrant } from './revoke.ts'
import { tokenManager } from './tokens.ts'
import type { Vault } from './vault.ts'

export interface EndOptions {
  readonly provider: Provider
  readonly vault: Vault
  readonly state: State
  readonly world: World
  readonly locks: string
}

/**
 * Ends a connection: it is never extracted again, and the provider is asked to end the grant. The secrets
 * go as soon as nothing is left to ask with them; until then, ending it again asks again. The data stays:
 * `purge` erases that.
 * @throws FdxError `USAGE` for one that was erased, or is part of another.
 */
export async function endConnection(
  options: EndOptions,
  connection: Connection,
): Promise<Revocation> {
  const { provider, vault, state, world } = options
  const { id } = connection
  if (connection.state === 'purging' || connection.state === 'purged')
    throw new FdxError('USAGE', `${id} was erased: nothing is left to end`)
  const into = mergedInto(state).get(id)
  if (into !== undefined)
    throw new FdxError('USAGE', `${id} is part of ${into}: fdx connections revoke ${into}`)
  const mayAskAgain = provider.protocol === 'flinks' || provider.oauth.revocation !== 'none'
  const isOver = connection.state === 'revoked' && !existsSync(vault.path(id, 'sealed'))
  if (isOver && mayAskAgain) return { confirmed: true, reason: '' } // else there were secrets to ask with
  const at = new Date(world.now()).toISOString()
  const end = () => setConnectionState(state, id, 'revoked', 'ended by the operator', at)
  // Before the provider is asked: a kill in between must not leave it to the next run.
  state.transaction(() => {
    end()
    endConsent(state, id, 'revoked', at)
  })
  const revocation = await askProviderToEnd(options, connection)
  if (revocation.confirmed || !mayAskAgain) await vault.remove(id)
  state.transaction(end) // a refused refresh on the way may have flagged it `reauth`
  return revocation
}

/** Asks the provider to end the grant (or Flinks to delete the login), and notes in the audit log what it said. */
export async function askProviderToEnd(
  options: EndOptions,
  connection: Connection,
): Promise<Revocation> {
  const { state, world } = options
  const revocation = await ask(options, connection)
  const at = new Date(world.now()).toISOString()
  state.transaction(() =>
    addAudit(state, 'revoked', at, connection.id, { confirmed: revocation.confirmed }),
  )
  return revocation
}

async function ask(options: EndOptions, connection: Connection): Promise<Revocation> {
  const { provider, vault } = options
  try {
    if (provider.protocol === 'fdx')
      return await revokeGrant(
        { ...options, provider, tokens: tokenManager({ ...options, provider }) },
        connection,
      )
    const secret = await vault.read(connection.id)
    if (secret.kind !== 'login')
      return { confirmed: false, reason: 'its vault record is of another kind' }
    return await deleteCard(provider, secret.loginId)
  } catch (error) {
    return { confirmed: false, reason: safeError(error) }
  }
}
