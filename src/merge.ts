import type { DataPaths } from './config/settings.ts'
import type { Vault } from './connect/vault.ts'
import { FdxError } from './errors.ts'
import { segmentsOf } from './land/erase.ts'
import { forgetConnection } from './load/forget.ts'
import { load } from './load/load.ts'
import { type PublishOptions, publish } from './serve/publish.ts'
import { addAudit } from './state/audit.ts'
import {
  type Connection,
  isEnded,
  saveConnection,
  setConnectionState,
} from './state/connections.ts'
import { addConsent, endConsent } from './state/consents.ts'
import { holdLock } from './state/lock.ts'
import { addMerge, mergedInto } from './state/merges.ts'
import type { State } from './state/state.ts'
import type { World } from './world.ts'

export interface MergeTools {
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  readonly world: World
  readonly signal: AbortSignal
  readonly onWait: () => void
  readonly publish?: PublishOptions
}

/**
 * Joins two connections that are one person's link to one provider, where the provider could not say so:
 * `from` ends, and everything it landed is loaded anew under `into`. The grant that works is kept: `into`'s,
 * or `from`'s where only that one does. The other is forgotten and not revoked, for revoking it may end
 * both. Can be repeated after a kill.
 * @throws FdxError `USAGE` when they cannot be one, `LOCK_TIMEOUT`, or what load throws.
 */
export async function merge(from: Connection, into: Connection, tools: MergeTools): Promise<void> {
  const { paths, state, vault, world, signal, onWait } = tools
  refuseImpossible(from, into, mergedInto(state))
  using _lock = await holdLock(`${paths.locks}/loader.lock`, { waitMs: 3_600_000, signal, onWait })
  const movesGrant = into.state !== 'active' && from.state === 'active'
  if (movesGrant) {
    const secret = await vault.read(from.id)
    const before = await vault.read(into.id).then(
      ({ generation }) => generation,
      () => 0,
    )
    await vault.write(into.id, { ...secret, generation: Math.max(secret.generation, before) + 1 })
  }
  const at = new Date(world.now()).toISOString()
  state.transaction(() => {
    addMerge(state, from.id, into.id, at)
    setConnectionState(state, from.id, 'revoked', `merged into ${into.id}`, at)
    endConsent(state, from.id, 'merged', at)
    state.db.prepare('delete from checkpoints where connection_id = ?').run(from.id)
    state.db.prepare('update connections set subject = null where id = ?').run(from.id)
    const kept = movesGrant ? withGrantOf(into, from) : into
    const joined = { ...kept, subject: into.subject ?? from.subject, updated_at: at }
    saveConnection(state, joined)
    if (movesGrant) addConsent(state, world.uuid(), joined)
    addAudit(state, 'merged', at, into.id, { from: from.id })
  })
  await vault.remove(from.id)
  await forgetConnection(paths, from.id, await segmentsOf(paths, from.id))
  const { changed } = await load({ paths, state, now: world.now, signal })
  if (changed) await publish(paths, tools.publish)
}

function refuseImpossible(
  from: Connection,
  into: Connection,
  merged: ReadonlyMap<string, string>,
): void {
  const again = merged.get(from.id) === into.id
  if (from.id === into.id) throw new FdxError('USAGE', 'a connection cannot be merged into itself')
  if (from.provider !== into.provider)
    throw new FdxError(
      'USAGE',
      `they are at different providers: ${from.provider}, ${into.provider}`,
    )
  if (isEnded(into) || (isEnded(from) && !again))
    throw new FdxError('USAGE', 'one of them has ended; only living connections can be merged')
}

const withGrantOf = (into: Connection, from: Connection): Connection => ({
  ...into,
  state: 'active',
  reason: '',
  scopes: from.scopes,
  consent_given_at: from.consent_given_at,
  consent_ends_at: from.consent_ends_at,
})
