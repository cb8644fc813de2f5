import { createHash } from 'node:crypto'
import { userInfo } from 'node:os'
import type { State } from './state.ts'

/** What is worth proving later. Entries name connections by their id and hold no tokens and no personal data. */
export const auditActions = [
  'consent_given',
  'consent_renewed',
  'consent_expired',
  'grant_lost',
  'revoked',
  'merged',
  'purge_asked',
  'purged',
  'vault_key_rotated',
  'raw_shown',
  'numbers_shown',
  'unmasked_query',
] as const
export type AuditAction = (typeof auditActions)[number]

export interface AuditEntry {
  readonly seq: number
  readonly at: string
  /** The operating system's user who ran the command. */
  readonly actor: string
  readonly action: AuditAction
  readonly connection_id: string
  /** JSON object. */
  readonly facts: string
  /** SHA-256 over the hash before it and this entry: a changed or missing entry breaks the chain. */
  readonly hash: string
}

/** Hash before the first entry. */
const root = '0'.repeat(64)

const hashOf = (before: string, entry: Omit<AuditEntry, 'hash'>) =>
  createHash('sha256')
    .update(
      JSON.stringify([
        before,
        entry.seq,
        entry.at,
        entry.actor,
        entry.action,
        entry.connection_id,
        entry.facts,
      ]),
    )
    .digest('hex')

/** Appends an entry. Call it inside the transaction that does what it tells of. */
export function addAudit(
  state: State,
  action: AuditAction,
  at: string,
  connectionId = '',
  facts: Readonly<Record<string, string | number | boolean>> = {},
): void {
  const last = state.db.prepare('select seq, hash from audit order by seq desc limit 1').get() as
    | { seq: number; hash: string }
    | undefined
  const entry = {
    seq: (last?.seq ?? 0) + 1,
    at,
    actor: userInfo().username,
    action,
    connection_id: connectionId,
    facts: JSON.stringify(facts),
  }
  state.db
    .prepare(
      'insert into audit (seq, at, actor, action, connection_id, facts, hash) values (?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      entry.seq,
      entry.at,
      entry.actor,
      entry.action,
      entry.connection_id,
      entry.facts,
      hashOf(last?.hash ?? root, entry),
    )
}

/** The first entry that does not follow from the one before it; undefined when the chain holds. */
export function brokenAudit(state: State): number | undefined {
  let before = root
  let expected = 1
  for (const row of state.db.prepare('select * from audit order by seq').iterate()) {
    const { hash, ...entry } = row as unknown as AuditEntry
    if (entry.seq !== expected || hash !== hashOf(before, entry)) return expected
    before = hash
    expected += 1
  }
  return undefined
}
