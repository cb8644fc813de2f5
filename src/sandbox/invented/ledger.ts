import type { Day, Month } from '../calendar.ts'
import { dayIn } from '../calendar.ts'
import { chanceOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import type { Cents } from '../money.ts'

/** One movement on an account, as it will be once it is posted. */
export interface Entry {
  /** The day it posts. */
  readonly day: Day
  /** The day it was made; earlier than `day` for what is pending in between. */
  readonly made: Day
  /** Second of the day. */
  readonly second: number
  /** From the account's view: what enters is positive, what leaves (or is borrowed) negative. */
  readonly signed: Cents
  /** FDX fields of the kind: transactionType, description and so on; not the common ones. */
  readonly fields: JsonObject
}

/** Money that another account of the same person sends or receives by the person's chequing account. */
export interface Due {
  readonly day: Day
  /** From the chequing account's view. */
  readonly signed: Cents
  readonly description: string
  readonly payee: string
  readonly type: 'BILLPAYMENT' | 'TRANSFER'
}

/**
 * The movements of an account by month, for ever in both directions. A month follows from the account's key alone,
 * never from today, so a transaction keeps its id and amount when a later day is asked for; and the balance at the end
 * of a month is known without the months before it.
 */
export interface Ledger {
  /** All that posts in the month, in no order. Adds up to the difference of the balances at its two ends. */
  entries(month: Month): readonly Entry[]
  /** From the account's view: what is owned is positive, what is owed negative. */
  balanceAtEnd(month: Month): Cents
  /** What the chequing account of the person pays or gets for this account in the month. */
  dues(month: Month): readonly Due[]
  /** FDX fields of a pair of movements that cancel each other, for accounts that must have many. */
  readonly filler: { readonly credit: JsonObject; readonly debit: JsonObject }
}

/** Pairs of movements of zero together, so that a month has at least `count`. */
export function fillers(ledger: Ledger, key: string, month: Month, count: number): Entry[] {
  const chance = chanceOf(key, month, 'filler')
  const pairs: Entry[] = []
  for (let made = 0; made < count; made += 2) {
    const day = dayIn(month, chance.between(1, 27))
    const cents = BigInt(chance.between(1, 20_000))
    const second = chance.below(80_000)
    pairs.push({ day, made: day, second, signed: cents, fields: ledger.filler.credit })
    pairs.push({ day, made: day, second: second + 1, signed: -cents, fields: ledger.filler.debit })
  }
  return pairs
}
