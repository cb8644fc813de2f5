import { addAudit } from './audit.ts'
import type { Connection } from './connections.ts'
import type { State } from './state.ts'

/** How a consent came to its end. `lost`: the provider no longer honours it. `merged`: it goes on elsewhere. */
export const consentEndings = ['renewed', 'expired', 'lost', 'revoked', 'merged', 'purged'] as const
export type ConsentEnding = (typeof consentEndings)[number]

export interface Consent {
  readonly id: string
  readonly connection_id: string
  readonly provider: string
  readonly scopes: string
  readonly given_at: string
  readonly ends_at: string | null
  readonly ended_at: string | null
  readonly ended_by: ConsentEnding | ''
}

/** Records the consent that a connection now rests on; the one before it, if any, was renewed by it. */
export function addConsent(state: State, id: string, connection: Connection): void {
  const given = connection.consent_given_at ?? connection.updated_at
  endConsent(state, connection.id, 'renewed', given)
  state.db
    .prepare(
      'insert into consents (id, connection_id, provider, scopes, given_at, ends_at) values (?, ?, ?, ?, ?, ?)',
    )
    .run(
      id,
      connection.id,
      connection.provider,
      connection.scopes,
      given,
      connection.consent_ends_at,
    )
}

/** Ends the connection's open consent, if there is one. */
export function endConsent(
  state: State,
  connectionId: string,
  by: ConsentEnding,
  at: string,
): void {
  state.db
    .prepare(
      'update consents set ended_at = ?, ended_by = ? where connection_id = ? and ended_at is null',
    )
    .run(at, by, connectionId)
}

export function consentsOf(state: State, connectionId: string): Consent[] {
  return state.db
    .prepare('select * from consents where connection_id = ? order by given_at, id')
    .all(connectionId) as unknown as Consent[]
}

/**
 * The hard stop of the consent clock: connections whose consent has ended may not be asked any more until
 * the person consents again. Returns how many that were.
 */
export function expireConsents(state: State, now: string): number {
  return state.transaction(() => {
    const ended = state.db
      .prepare(
        `select id from connections
         where consent_ends_at <= ? and state in ('active', 'needs_mfa')`,
      )
      .all(now) as { id: string }[]
    const flag = state.db.prepare(
      `update connections set state = 'reauth', updated_at = ?,
         reason = 'the consent ended on ' || substr(consent_ends_at, 1, 10) where id = ?`,
    )
    for (const { id } of ended) {
      flag.run(now, id)
      endConsent(state, id, 'expired', now)
      addAudit(state, 'consent_expired', now, id)
    }
    return ended.length
  })
}

/** Whole days until the connection's consent ends, 0 once it has; undefined where no end is known. */
export function consentDaysLeft(
  { consent_ends_at }: Pick<Connection, 'consent_ends_at'>,
  now: number,
): number | undefined {
  if (consent_ends_at === null) return undefined
  return Math.max(0, Math.floor((Date.parse(consent_ends_at) - now) / 86_400_000))
}
