import type { Provider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { addAudit } from '../state/audit.ts'
import { forgetRefusals } from '../state/capabilities.ts'
import { forgetCursors } from '../state/checkpoints.ts'
import {
  type Connection,
  findBySubject,
  hashedSubject,
  saveConnection,
} from '../state/connections.ts'
import { addConsent } from '../state/consents.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { type ConnectionLocks, lockConnection } from './connection-lock.ts'
import { dropIntent } from './intent.ts'
import type { Grant, Secret, Vault } from './vault.ts'

export interface Registration {
  readonly provider: Provider
  /** Who the person is at the provider; without it every connect makes a new connection. */
  readonly subject: string | undefined
  readonly label: string
  readonly scopes: string
  readonly consentDays: number | undefined
}

type WithoutGeneration<S> = S extends Secret ? Omit<S, 'generation'> : never
export type NewSecret = WithoutGeneration<Secret>

/**
 * Stores a new connection, or, for a person who is known at this provider, brings theirs back to life:
 * secret first, registry second, so that no registered connection ever lacks its secret.
 * @throws FdxError `DISK_FULL`, `LOCK_TIMEOUT`.
 */
export async function register(
  tools: ConnectionLocks & {
    readonly vault: Vault
    readonly state: State
    readonly world: World
  },
  registration: Registration,
  secret: NewSecret,
): Promise<Connection> {
  const { vault, state, world } = tools
  const { provider } = registration
  const subject =
    registration.subject === undefined ? null : hashedSubject(provider.name, registration.subject)
  const known = subject === null ? undefined : findBySubject(state, provider.name, subject)
  const id = known?.id ?? `c_${world.uuid().replaceAll('-', '').slice(0, 20)}`
  // A refresh of the old grant may be under way: its answer must not replace the new one.
  using _lock = await lockConnection(vault, id, tools)
  const generation = known === undefined ? 1 : (await currentGeneration(vault, id)) + 1
  await vault.write(id, { ...secret, generation } as Secret).catch((cause: unknown) => {
    throw new FdxError('DISK_FULL', 'the disk takes no more; make room and connect again', {
      cause,
    })
  })
  await dropIntent(vault, id)
  const now = new Date(world.now()).toISOString()
  const days = registration.consentDays
  const connection: Connection = {
    id,
    provider: provider.name,
    protocol: provider.protocol,
    subject,
    label: registration.label || (known?.label ?? ''),
    state: 'active',
    reason: '',
    scopes: registration.scopes,
    consent_given_at: now,
    consent_ends_at:
      days === undefined ? null : new Date(world.now() + days * 86_400_000).toISOString(),
    created_at: known?.created_at ?? now,
    updated_at: now,
    last_good_at: known?.last_good_at ?? null,
  }
  state.transaction(() => {
    saveConnection(state, connection)
    // A cursor, or a request at Flinks, of the old grant leads nowhere under the new one, which may cover more.
    forgetCursors(state, id)
    forgetRefusals(state, id)
    addConsent(state, world.uuid(), connection)
    const action = known === undefined ? 'consent_given' : 'consent_renewed'
    addAudit(state, action, now, id, { provider: provider.name, scopes: registration.scopes })
  })
  return connection
}

/** 0 where the old record cannot be read: the new one replaces it all the same. */
const currentGeneration = async (vault: Vault, id: string): Promise<number> =>
  vault.read(id).then(
    (secret) => secret.generation,
    () => 0,
  )

/** A grant as the vault keeps it, before it has a generation. */
export const newGrant = ({ generation: _, ...grant }: Grant): NewSecret => grant
