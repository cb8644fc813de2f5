import type { Day } from './calendar.ts'
import { dayText } from './calendar.ts'
import { chanceOf, guidOf } from './chance.ts'
import type { Account, Household } from './invented/book.ts'
import { accountNumber, currencyOf } from './invented/descriptor.ts'
import { lineLedger } from './invented/line.ts'
import type { AccountType } from './invented/plan.ts'
import { partsOf } from './invented/plan.ts'
import type { ExactNumber, JsonObject } from './json.ts'
import type { Cents } from './money.ts'
import { decimal, money } from './money.ts'

/** FDX `accountType` → Flinks' `Category` and `Type` (flinks-native 7). */
const flinksTypes: Partial<Record<AccountType, readonly [string, string]>> = {
  CHECKING: ['Operations', 'Chequing'],
  SAVINGS: ['Operations', 'Savings'],
  CD: ['Products', 'GIC'],
  CREDITCARD: ['Credits', 'CreditCard'],
  LINEOFCREDIT: ['Credits', 'LineOfCredit'],
  MORTGAGE: ['Credits', 'Mortgage'],
  AUTOLOAN: ['Credits', 'LoanCar'],
  TAXFREESAVINGSACCOUNT: ['Products', 'TFSA'],
  IRA: ['Products', 'RRSP'],
}

/** What `/GetAccountsDetail` is asked for (flinks-native 5), with its defaults. */
export interface DetailRequest {
  readonly withIdentity: boolean
  readonly withHolder: boolean
  readonly withTransactions: boolean
  readonly days: 90 | 365
  readonly only: readonly string[] | undefined
}

/** `Accounts[]` of a detail answer. */
export function detailAccounts(
  household: Household,
  today: Day,
  asked: DetailRequest,
): readonly JsonObject[] {
  return household.accounts
    .filter(({ accountId }) => asked.only?.includes(accountId) ?? true)
    .map((account) => ({
      ...(asked.withTransactions ? { Transactions: rowsOf(account, today - asked.days) } : {}),
      ...(asked.withIdentity ? identity(account) : {}),
      ...common(account),
      ...(asked.withHolder ? { Holder: holderOf(household) } : {}),
    }))
}

/** `Accounts[]` of a summary answer: no transactions, masked numbers, payment ratios. */
export function summaryAccounts(household: Household): readonly JsonObject[] {
  return household.accounts.map((account) => ({
    EftEligibleRatio: account.key.kind === 'deposit' ? 1 : 0,
    ETransferEligibleRatio: account.key.kind === 'deposit' ? 1 : 0,
    ...common(account),
    AccountNumber: `XXXXXXXX${accountNumber(account.key).slice(-4)}`,
    Holder: holderOf(household),
  }))
}

function common({ key, accountId, descriptor, statement }: Account): JsonObject {
  const [category, type] = flinksTypes[key.type] ?? ['Other', 'OtherAsset']
  const { closing, movements } = statement()
  const pending = movements.reduce(
    (sum, row) => (row.status === 'PENDING' ? sum + row.signed : sum),
    0n,
  )
  const owed = category === 'Credits'
  const terms = key.kind === 'line' ? lineLedger(key).terms : undefined
  const available = terms ? terms.creditLine + closing + pending : closing + pending
  return {
    Title: `${descriptor['productName']} ${type}`,
    AccountNumber: accountNumber(key),
    LastFourDigits: key.index === 0 ? null : accountNumber(key).slice(-4),
    Balance: {
      Available: key.kind === 'loan' ? null : money(available),
      Current: money(owed ? -closing : closing),
      Limit: terms ? money(terms.creditLine) : null,
    },
    Category: category,
    Type: type,
    Currency: currencyOf(key),
    AccountType: key.person % 3 === 0 ? 'Personal' : null,
    Id: accountId,
  }
}

function identity({ key }: Account): JsonObject {
  const chance = chanceOf(...partsOf(key), 'transit')
  return {
    TransitNumber: `00${chance.digits(3)}`,
    InstitutionNumber: '777',
    OverdraftLimit: key.type === 'CHECKING' ? money(50_000n) : null,
  }
}

function holderOf({ person }: Household): JsonObject {
  return {
    Name: person.name,
    Address: {
      CivicAddress: person.street,
      City: person.city.name,
      Province: person.city.region,
      PostalCode: person.city.postalCode,
      POBox: null,
      Country: person.city.country,
    },
    Email: person.email,
    PhoneNumber: `(${person.phone.slice(0, 3)}) ${person.phone.slice(3, 6)}-${person.phone.slice(6)}`,
  }
}

/** Posted rows, newest first, with the running balance after each (flinks-native 6). */
function rowsOf({ key, statement }: Account, from: Day): readonly JsonObject[] {
  const { movements, opening } = statement()
  const owed = key.kind === 'line' || key.kind === 'loan'
  let balance = opening
  const rows: JsonObject[] = []
  for (const row of movements) {
    if (row.status === 'PENDING') continue
    balance += row.signed
    if (row.day < from) continue
    rows.push({
      Date: dayText(row.day),
      Code: null,
      Description: row.fields['description'],
      Debit: row.signed < 0n ? plain(-row.signed) : null,
      Credit: row.signed > 0n ? plain(row.signed) : null,
      Balance: plain(owed ? -balance : balance),
      Id: guidOf(...partsOf(key), row.id),
    })
  }
  return rows.toReversed()
}

/** Flinks' samples mix `10` with `10.5`: whole amounts go without a point. */
function plain(cents: Cents): ExactNumber {
  return cents % 100n === 0n ? decimal(cents / 100n, 0) : money(cents)
}
