import type { FlinksProvider, FlinksResource } from '../../config/provider.ts'
import type { CheckedBody } from '../../page/check.ts'
import { isList, itemsOf, type JsonValue, memberOf, parsed } from '../../page/json.ts'
import type { Checkpoint } from '../../state/checkpoints.ts'
import { flinksCalls } from './calls.ts'

/** What a complete pull held, so that the same need not be fetched again: how fresh, and how far back. */
export const heldBy = (provider: FlinksProvider, lastRefresh: string): string =>
  `${lastRefresh} ${provider.daysOfTransactions}`

/** How fresh: instants in one form, UTC, so that the later text is the later time. */
export const refreshOf = (held: string): string => held.split(' ', 1)[0]?.replace(/Z$/, '') ?? ''

/** What an answer of a data call amounts to. */
export interface Kept {
  /** It has what was asked for. */
  readonly whole: boolean
  /** Accounts, but not one transaction in them (facts/flinks-native.md 12.2). */
  readonly empty: boolean
  /** For the checkpoint; null where the next run must ask again. */
  readonly held: string | null
}

export function judgeKept(
  provider: FlinksProvider,
  resource: FlinksResource,
  { value }: CheckedBody,
): Kept {
  const list = memberOf(value, flinksCalls[resource].holds)
  if (list === undefined) return { whole: false, empty: false, held: null }
  if (resource !== 'detail') return { whole: true, empty: false, held: null }
  const accounts = itemsOf(list)
  const empty = accounts.length > 0 && !accounts.some(hasTransactions)
  const lastRefresh = parsed(memberOf(memberOf(value, 'Login'), 'LastRefresh'))
  const isKnown = typeof lastRefresh === 'string' && !empty
  return { whole: true, empty, held: isKnown ? heldBy(provider, lastRefresh) : null }
}

function hasTransactions(account: JsonValue): boolean {
  const list = memberOf(account, 'Transactions')
  return list !== undefined && isList(list) && itemsOf(list).length > 0
}

/** Where a stream of Flinks stands. */
export function flinksCheckpoint(
  at: Pick<Checkpoint, 'connection_id' | 'stream' | 'run_id' | 'pull_id' | 'updated_at'>,
  more: Partial<Checkpoint>,
): Checkpoint {
  return {
    ...at,
    cursor: null,
    pages: 0,
    complete: 0,
    window_start: null,
    window_end: null,
    good_until: null,
    ...more,
  }
}
