import { hash32 } from '../chance.ts'
import type { AccountKey } from '../invented/plan.ts'
import { partsOf, sendsEverything } from '../invented/plan.ts'
import type { JsonObject } from '../json.ts'

/** Fields that every provider sends: without them a row has no identity or no meaning. */
const always: ReadonlySet<string> = new Set([
  'accountId',
  'accountCategory',
  'accountType',
  'accountNumberDisplay',
  'status',
  'currency',
  'balanceAsOf',
  'currentBalance',
  'availableBalance',
  'principalBalance',
  'currentValue',
  'currentLedgerBalance',
  'creditLine',
  'holdings',
  'transactionsIncluded',
  'transactionId',
  'postedTimestamp',
  'transactionTimestamp',
  'referenceTransactionId',
  'debitCreditMemo',
  'amount',
  'transactionType',
  'description',
])

/**
 * An object without the fields that this account's bank does not have, or has as null: about one in eight, always the
 * same for one account. Every fourth person's bank sends all.
 */
export function leaveOut(key: AccountKey, object: JsonObject): JsonObject {
  if (sendsEverything(key.person)) return object
  const salt = partsOf(key).join('/')
  const kept: JsonObject = {}
  for (const [name, value] of Object.entries(object)) {
    const draw = always.has(name) ? 100 : hash32(`${salt}/${name}`) % 100
    if (draw >= 12) kept[name] = value
    else if (draw < 4) kept[name] = null
  }
  return kept
}
