import type { Json, JsonObject } from '../json.ts'
import { isObject, numbersAsText } from '../json.ts'
import { centsText } from '../money.ts'
import type { Account, Household } from './book.ts'
import { categoryOf } from './descriptor.ts'
import type { Kind, Provider } from './plan.ts'

/** All true data of a person, every number as decimal text: what a test compares tables with. */
export interface SandboxPerson {
  readonly provider: Provider
  readonly person: number
  readonly name: string
  readonly email: string
  readonly customerId: string
  readonly sub: string
  readonly accounts: readonly SandboxAccount[]
}

export interface SandboxAccount {
  readonly accountId: string
  readonly kind: Kind
  readonly accountCategory: string
  readonly accountType: string
  /** Before the first posted transaction; from the account's view: owned is positive, owed negative. */
  readonly openingBalance: string
  /** After the last posted one. */
  readonly closingBalance: string
  /** FDX fields of all versions, numbers as decimal text, with `holdings` among them. */
  readonly fields: JsonObject
  readonly holdings: readonly Json[]
  readonly transactions: readonly SandboxTransaction[]
}

export interface SandboxTransaction {
  readonly transactionId: string
  readonly status: 'POSTED' | 'PENDING'
  /** Decimal text without sign, as FDX sends it. */
  readonly amount: string
  /** From the account's view: what enters is positive. */
  readonly signedAmount: string
  readonly fields: JsonObject
}

/** A household in the form of `SandboxPerson`. */
export function truthOf(household: Household): SandboxPerson {
  const { person } = household
  return {
    provider: household.provider,
    person: household.number,
    name: person.name,
    email: person.email,
    customerId: person.customerId,
    sub: person.sub,
    accounts: household.accounts.map(trueAccount),
  }
}

function trueAccount(account: Account): SandboxAccount {
  const { opening, closing, movements } = account.statement()
  const fields = textFields({ ...account.descriptor, ...account.details() })
  const holdings = fields['holdings']
  return {
    accountId: account.accountId,
    kind: account.key.kind,
    accountCategory: categoryOf[account.key.kind],
    accountType: account.key.type,
    openingBalance: centsText(opening),
    closingBalance: centsText(closing),
    fields,
    holdings: Array.isArray(holdings) ? holdings : [],
    transactions: movements.map((row) => ({
      transactionId: row.id,
      status: row.status,
      amount: centsText(row.signed < 0n ? -row.signed : row.signed),
      signedAmount: centsText(row.signed),
      fields: textFields(row.fields),
    })),
  }
}

function textFields(fields: JsonObject): JsonObject {
  const text = numbersAsText(fields)
  return isObject(text) ? text : {}
}
