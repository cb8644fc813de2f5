import { FdxError } from '../../errors.ts'
import type { Checkpoint } from '../../state/checkpoints.ts'
import type { State } from '../../state/state.ts'

const prefix = 'transactions/'

export const transactionStream = (accountId: string) => `${prefix}${accountId}`

/**
 * Accounts whose transactions are still to be asked for. It is the state store that knows: an account is
 * planned in the moment its page becomes durable, so a killed run forgets none.
 */
export function plannedAccounts(state: State, connectionId: string): string[] {
  return state.db
    .prepare(
      `select stream from checkpoints
        where connection_id = ? and complete = 0 and stream >= ? and stream < ? order by stream`,
    )
    .all(connectionId, prefix, `${prefix.slice(0, -1)}0`)
    .map((row) => String(row['stream']).slice(prefix.length))
}

/** Plans an account: keeps what an earlier run has reached in it. */
export function planned(
  found: Checkpoint | undefined,
  fresh: Pick<Checkpoint, 'connection_id' | 'run_id' | 'updated_at'>,
  accountId: string,
): Checkpoint {
  const nothing = { pull_id: '', cursor: null, pages: 0, window_start: null, window_end: null }
  if (found?.complete === 0) return found
  return {
    ...fresh,
    ...nothing,
    stream: transactionStream(accountId),
    complete: 0,
    good_until: found?.good_until ?? null,
  }
}

/**
 * An account id as one segment of a path.
 * @throws FdxError `REQUEST_INVALID` for ids that a URL reads as a step to another folder.
 */
export function pathSegment(id: string): string {
  if (/^\.{0,2}$/.test(id))
    throw new FdxError('REQUEST_INVALID', 'transactions: an account id cannot stand in a URL')
  return encodeURIComponent(id)
}
