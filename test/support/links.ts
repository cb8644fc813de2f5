import { dayOf, dayText } from '../../src/sandbox/calendar.ts'
import {
  type LifeKind,
  lifeKinds,
  livesOn,
  type TrueLink,
  trueLinks,
} from '../../src/sandbox/invented/lives.ts'
import type { AccountKey } from '../../src/sandbox/invented/plan.ts'
import { dataFolder, pageLine } from '../unit/load/warehouse-fixture.ts'

export interface LinkScore {
  /** Pairs that are true, that were found, and that were both. */
  readonly truth: number
  readonly found: number
  readonly right: number
  /** Right ones by what happened to the event. */
  readonly byKind: Readonly<Record<LifeKind, { readonly truth: number; readonly right: number }>>
  readonly wrong: readonly { readonly rule: string; readonly score: string }[]
}

/** Days that each reading goes back. */
const lookback = 20

/**
 * Reads the sandbox's labelled purchases of some accounts day by day, loads the readings, and holds the links
 * that come of it against the truth. Rows that nobody can tell apart may be swapped.
 */
export async function scoreLinks(options: {
  readonly seed: string
  readonly accounts: number
  readonly days: number
}): Promise<LinkScore> {
  const { seed, accounts, days } = options
  const first = dayOf('2026-03-01')
  const last = first + days - 1
  const keys = Array.from({ length: accounts }, (_, index) => keyOf(seed, index))
  using folder = dataFolder()
  for (let today = first; today <= last; today++)
    folder.segment(
      'fdx.transactions',
      keys.map((key) => readingOf(key, first, today)),
    )
  await folder.load()
  const links = await folder.query(
    'select supersedes_transaction_id, transaction_id, rule, score from history.transaction_links',
  )
  const truth = keys.flatMap((key) => trueLinks(key, first, last))
  return compare(truth, links.rows)
}

const keyOf = (seed: string, index: number): AccountKey => ({
  seed,
  provider: 'outbound',
  person: 0,
  index,
  type: 'CHECKING',
  kind: 'deposit',
  country: 'CA',
})

function readingOf(key: AccountKey, first: number, today: number): string {
  const start = today - lookback
  const rows = livesOn(key, first, today).filter(({ day }) => day >= start)
  return pageLine({
    entity: 'fdx.transactions',
    account_id: `account-${key.index}`,
    page_id: `page-${key.index}-${today}`,
    pull_id: `pull-${key.index}-${today}`,
    fetched_at: `${dayText(today)}T22:00:00.000Z`,
    window_start: dayText(start),
    window_end: dayText(today),
    body: JSON.stringify({
      transactions: rows.map(({ fields }) => ({ depositTransaction: fields })),
    }),
  })
}

function compare(
  truth: readonly TrueLink[],
  found: readonly (readonly (string | null)[])[],
): LinkScore {
  const looks = new Map(
    truth.flatMap(({ earlier, later, earlierLooks, laterLooks }) => [
      [earlier, earlierLooks],
      [later, laterLooks],
    ]),
  )
  const look = (id: string | null) => looks.get(id ?? '') ?? id
  const name = (earlier: string | null, later: string | null) => `${look(earlier)} → ${look(later)}`
  const open = Map.groupBy(truth, ({ earlier, later }) => name(earlier, later))
  const byKind = Object.fromEntries(
    lifeKinds.map((kind) => [kind, { truth: 0, right: 0 }]),
  ) as Record<LifeKind, { truth: number; right: number }>
  for (const { kind } of truth) byKind[kind].truth += 1
  const wrong: { rule: string; score: string }[] = []
  let right = 0
  for (const [earlier = null, later = null, rule, score] of found) {
    const match = open.get(name(earlier, later))?.pop()
    if (match === undefined) wrong.push({ rule: rule ?? '', score: score ?? '' })
    else {
      byKind[match.kind].right += 1
      right += 1
    }
  }
  return { truth: truth.length, found: found.length, right, byKind, wrong }
}
