import type { Day, Month } from '../calendar.ts'
import { clockText, dayText, monthOf } from '../calendar.ts'
import { hexOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import type { Cents } from '../money.ts'
import { money } from '../money.ts'
import type { Entry, Ledger } from './ledger.ts'
import { fillers } from './ledger.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'

/** A transaction as the bank shows it on a day. */
export interface Movement {
  readonly id: string
  readonly status: 'POSTED' | 'PENDING'
  /** The day a window of dates goes by: the posting day, or for what is pending the day it was made. */
  readonly day: Day
  /** From the account's view: what enters is positive. */
  readonly signed: Cents
  /** FDX `Transaction` with the fields of all versions, timestamps as `…T12:34:56Z`. */
  readonly fields: JsonObject
}

export interface Statement {
  /** Oldest first; pending ones last. */
  readonly movements: readonly Movement[]
  /** Balance before the first posted movement, from the account's view. */
  readonly opening: Cents
  /** Balance after the last posted movement. */
  readonly closing: Cents
}

/** A month's entries in the order of the bank's book, with their ids. */
function monthRows(key: AccountKey, ledger: Ledger, month: Month, atLeast: number) {
  const entries = [...ledger.entries(month)]
  if (entries.length > 0 || ledger.balanceAtEnd(month) !== 0n)
    entries.push(...fillers(ledger, partsOf(key).join('/'), month, atLeast - entries.length))
  const base = Number.parseInt(hexOf(...partsOf(key), month, 'tx').slice(0, 8), 16)
  return entries.map((entry, number) => ({ entry, id: idOf(key, month, number, base) }))
}

/** `/outbound` counts, so that an id is unique in its account only, as FDX allows; the others are opaque. */
function idOf(key: AccountKey, month: Month, number: number, base: number): string {
  const count = String(number + 1).padStart(3, '0')
  switch (key.provider) {
    case 'outbound':
      return `${Math.floor(month / 12)}${String((month % 12) + 1).padStart(2, '0')}${count}`
    case 'rotating':
      return `TX${base}${count}`
    default:
      return `${base.toString(16)}-${month.toString(16)}-${count}`
  }
}

/**
 * All that the bank shows of an account on `today`: what posted since `from`, then what is pending. With `count`,
 * exactly so many of the newest, and no `from`.
 */
export function statementOf(
  key: AccountKey,
  ledger: Ledger,
  today: Day,
  from: Day,
  count: number | undefined,
): Statement {
  const atLeast = count === undefined ? 0 : Math.ceil(count / 20)
  const month = monthOf(today)
  const rows: Row[] = []
  const pending = [
    ...monthRows(key, ledger, month, atLeast),
    ...(monthOf(today + 2) === month ? [] : monthRows(key, ledger, month + 1, atLeast)),
  ].filter(({ entry }) => entry.made <= today && entry.day > today)
  const wanted = count === undefined ? Infinity : Math.max(0, count - pending.length)
  const oldest = count === undefined ? monthOf(from) : month - 12 * 50
  let closing = ledger.balanceAtEnd(month - 1)
  for (let at = month; at >= oldest && rows.length < wanted; at--) {
    const posted = monthRows(key, ledger, at, atLeast).filter(({ entry }) => entry.day <= today)
    if (at === month) for (const { entry } of posted) closing += entry.signed
    rows.push(...posted)
  }
  const shown = rows
    .filter(({ entry }) => count !== undefined || entry.day >= from)
    .sort(byDay)
    .slice(count === undefined ? 0 : -wanted || rows.length)
  const movements = [
    ...shown.map((row) => movement(row, 'POSTED')),
    ...pending
      .sort(byDay)
      .slice(0, count)
      .map((row) => movement(row, 'PENDING')),
  ]
  const opening = shown.reduce((balance, { entry }) => balance - entry.signed, closing)
  return { movements, opening, closing }
}

interface Row {
  readonly entry: Entry
  readonly id: string
}

function byDay(one: Row, other: Row): number {
  return (
    one.entry.day - other.entry.day ||
    one.entry.second - other.entry.second ||
    (one.id < other.id ? -1 : 1)
  )
}

/** A pending row has an id of its own; the posted one refers to it (FDX `referenceTransactionId`). */
function movement({ entry, id }: Row, status: Movement['status']): Movement {
  const pendingId = `P${id}`
  const waited = entry.made < entry.day
  const time = clockText(entry.second)
  const transactionId = status === 'PENDING' ? pendingId : id
  return {
    id: transactionId,
    status,
    day: status === 'PENDING' ? entry.made : entry.day,
    signed: entry.signed,
    fields: {
      transactionId,
      referenceTransactionId: waited && status === 'POSTED' ? pendingId : undefined,
      postedTimestamp:
        status === 'POSTED' ? `${dayText(entry.day)}T${waited ? '00:00:00' : time}Z` : undefined,
      transactionTimestamp: `${dayText(entry.made)}T${time}Z`,
      debitCreditMemo: entry.signed < 0n ? 'DEBIT' : 'CREDIT',
      amount: money(entry.signed < 0n ? -entry.signed : entry.signed),
      status,
      ...entry.fields,
    },
  }
}
