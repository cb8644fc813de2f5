import { FdxError } from '../../errors.ts'
import { type Checkpoint, getCheckpoint, saveCheckpoint } from '../../state/checkpoints.ts'
import type { State } from '../../state/state.ts'
import type { Extraction } from '../extraction.ts'

/** What is asked for of each account, in this order. `account`: the account itself, where the list is short. */
export const accountResources = [
  'account',
  'transactions',
  'contact',
  'payment-networks',
  'statements',
] as const
export type AccountResource = (typeof accountResources)[number]

export const accountStream = (resource: AccountResource, accountId: string) =>
  `${resource}/${accountId}`

/**
 * Accounts whose resource is still to be asked for. It is the state store that knows: an account is planned
 * in the moment its page becomes durable, so a killed run forgets none.
 */
export function plannedAccounts(
  state: State,
  connectionId: string,
  resource: AccountResource,
): string[] {
  return state.db
    .prepare(
      `select stream from checkpoints
        where connection_id = ? and complete = 0 and stream >= ? and stream < ? order by stream`,
    )
    .all(connectionId, `${resource}/`, `${resource}0`)
    .map((row) => String(row['stream']).slice(resource.length + 1))
}

/** Plans a resource of an account: keeps what an earlier run has reached in it. */
export function planned(
  { connection, runId, state, world }: Extraction,
  resource: AccountResource,
  accountId: string,
): Checkpoint {
  const stream = accountStream(resource, accountId)
  const found = getCheckpoint(state, connection.id, stream)
  if (found?.complete === 0) return found
  return {
    connection_id: connection.id,
    stream,
    run_id: runId,
    pull_id: '',
    cursor: null,
    pages: 0,
    complete: 0,
    window_start: null,
    window_end: null,
    good_until: found?.good_until ?? null,
    updated_at: new Date(world.now()).toISOString(),
  }
}

/** Nothing is left to ask about this stream. `goodUntil` undefined: it stays as it was. */
export function finishStream(
  { connection, runId, state, world }: Extraction,
  stream: string,
  goodUntil?: string,
): void {
  const found = getCheckpoint(state, connection.id, stream)
  saveCheckpoint(state, {
    connection_id: connection.id,
    stream,
    run_id: runId,
    pull_id: found?.pull_id ?? '',
    cursor: null,
    pages: found?.pages ?? 0,
    complete: 1,
    window_start: found?.window_start ?? null,
    window_end: found?.window_end ?? null,
    good_until: goodUntil ?? found?.good_until ?? null,
    updated_at: new Date(world.now()).toISOString(),
  })
}

/**
 * An id as one segment of a path.
 * @throws FdxError `REQUEST_INVALID` for ids that a URL reads as a step to another folder.
 */
export function pathSegment(id: string): string {
  if (/^\.{0,2}$/.test(id))
    throw new FdxError('REQUEST_INVALID', 'an id of the provider cannot stand in a URL')
  return encodeURIComponent(id)
}
