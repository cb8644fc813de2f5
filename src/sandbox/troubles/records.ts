import { dayOf } from '../calendar.ts'
import { hexOf } from '../chance.ts'
import type { Asked } from '../fdx.ts'
import { fdxErrorBody } from '../fdx-errors.ts'
import type { Account } from '../invented/book.ts'
import { accountNumber } from '../invented/descriptor.ts'
import type { Movement } from '../invented/transactions.ts'
import type { Json, JsonObject } from '../json.ts'
import { exact, isExact, isObject, mapMembers } from '../json.ts'
import type { recordTroubles } from '../misbehaviours.ts'
import { money } from '../money.ts'
import { windowOf } from '../window.ts'

type RecordTrouble = keyof typeof recordTroubles

/** Accounts of one answer after the rules for records. */
export function troubledAccounts(
  asked: Asked,
  accounts: readonly Account[],
  written: readonly JsonObject[],
): readonly JsonObject[] {
  const on = strikesOf(asked)
  let list = [...written]
  const each = (change: (fields: JsonObject, account: Account) => JsonObject) => {
    list = list.map((one, at) => {
      const account = accounts[at]
      return account ? inside(asked, one, (fields) => change(fields, account)) : one
    })
  }
  if (on('full_number_in_display'))
    each((fields, { key }) => ({
      ...fields,
      accountNumber: accountNumber(key),
      accountNumberDisplay: accountNumber(key),
    }))
  if (on('missing_account_category')) each((fields) => ({ ...fields, accountCategory: undefined }))
  if (on('exact_numbers')) each((fields, account) => exactNumbers(asked, fields, account))
  if (on('wrong_types')) each((fields) => wrongTypes(fields))
  if (on('unknown_fields')) each((fields) => ({ ...fields, ...hostileFields }))
  if (on('ids_as_numbers'))
    each((fields, { accountId }) => ({ ...fields, accountId: exact(numericId(accountId)) }))
  if (on('unknown_kind'))
    list = list.map((one, at) => (accounts[at]?.key.index === 0 ? ofUnknownKind(asked, one) : one))
  if (asked.about.endpoint === 'accounts' && on('account_error_206'))
    list = list.map((one, at) =>
      accounts[at]?.key.index === 0
        ? inside(asked, one, ({ accountId, accountCategory }) => ({
            accountId,
            accountCategory,
            error: fdxErrorBody(asked.shape, 501),
          }))
        : one,
    )
  return list
}

/** Transactions of one page after the rules for records. */
export function troubledTransactions(
  asked: Asked,
  account: Account,
  rows: readonly Movement[],
  written: readonly JsonObject[],
): readonly JsonObject[] {
  const on = strikesOf(asked)
  let list = [...written]
  const each = (change: (fields: JsonObject, row: Movement | undefined) => JsonObject) => {
    list = list.map((one, at) => inside(asked, one, (fields) => change(fields, rows[at])))
  }
  if (on('missing_memo')) each((fields) => ({ ...fields, debitCreditMemo: undefined }))
  if (on('signed_amounts'))
    each((fields, row) => ({
      ...fields,
      debitCreditMemo: undefined,
      amount: money(row?.signed ?? 0n),
    }))
  const posted = asked.tools.switches.strikes('pending_then_posted', asked.about)
  if (posted !== undefined) list = pendingThenPosted(asked, account, list, posted)
  if (on('wrong_types')) each((fields) => wrongTypes(fields))
  if (on('ids_as_numbers'))
    each((fields) => ({
      ...fields,
      accountId: exact(numericId(account.accountId)),
      transactionId: exact(numericId(String(fields['transactionId']))),
    }))
  return list
}

function strikesOf({ tools, about }: Asked): (name: RecordTrouble) => boolean {
  return (name) => tools.switches.strikes(name, about) !== undefined
}

/** Changes the fields of a record, inside its wrapper in v5. */
function inside(
  { shape }: Asked,
  record: JsonObject,
  change: (fields: JsonObject) => JsonObject,
): JsonObject {
  if (shape.version === 6) return change(record)
  return mapMembers(record, (fields) => (isObject(fields) ? change(fields) : fields))
}

function ofUnknownKind({ shape }: Asked, record: JsonObject): JsonObject {
  if (shape.version === 6) return { ...record, accountCategory: 'CARBON_CREDIT_ACCOUNT' }
  const [fields] = Object.values(record)
  return { carbonCreditAccount: fields }
}

function exactNumbers(asked: Asked, fields: JsonObject, { key }: Account): JsonObject {
  const first = (kind: string) =>
    asked.household.accounts.find((account) => account.key.kind === kind)?.key.index === key.index
  if (key.kind === 'deposit' && first('deposit') && 'currentBalance' in fields)
    return { ...fields, currentBalance: exact('99999999999999.99') }
  const { holdings } = fields
  if (key.kind !== 'investment' || !first('investment') || !Array.isArray(holdings)) return fields
  const [holding, ...rest] = holdings.filter(isObject)
  const precise = {
    ...holding,
    units: exact('0.123456789012345678'),
    digitalUnits: '0.123456789012345678901234567890',
  }
  return { ...fields, holdings: [precise, ...rest] }
}

/** Dates as section 15 of the FDX facts shows them; the third is impossible. */
const dateShapes: readonly ((day: string) => Json)[] = [
  (day) => day,
  (day) => `${day}T00:00:00.000-0500`,
  (day) => `${day}T12:000:00.000Z`,
  (day) => `${day}T10:15:30+02:00`,
  (day) => `${day}T10:15:30`,
  (day) => Math.floor(Date.parse(`${day}T00:00:00Z`) / 1000),
]

/** The same fields as some providers really send them. */
function wrongTypes(fields: JsonObject): JsonObject {
  let dates = 0
  const wrong = (value: Json, name: string): Json => {
    if (name === 'currency' && isObject(value)) return value['currencyCode'] ?? null
    if (name === 'assetClasses' && Array.isArray(value)) return value[0] ?? {}
    if (name === 'holdings' && Array.isArray(value))
      return value.map((holding) => (isObject(holding) ? mapMembers(holding, wrong) : holding))
    if (name === 'checkNumber') return String(value)
    if (typeof value === 'boolean') return String(value)
    if (isExact(value)) return value.rawJSON
    if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d(T[\d:]+Z)?$/.test(value)) return value
    dates += 1
    return dateShapes[dates % dateShapes.length]?.(value.slice(0, 10)) ?? value
  }
  return mapMembers(fields, wrong)
}

const hostileNames = [
  'a"; DROP TABLE x; --',
  '',
  'x'.repeat(5000),
  '💸',
  'Amount',
  'amount',
  '__proto__x',
  "it's",
]

const hostileFields: JsonObject = Object.fromEntries([
  ...hostileNames.map((name) => [name, 'hostile'] as const),
  ...Array.from({ length: 5000 }, (_, at) => [`unknown${at}`, at] as const),
])

/** An id as a JSON number of 20 digits: too long for a double. */
export function numericId(id: string): string {
  return `1${BigInt(`0x${hexOf(id).slice(0, 16)}`)
    .toString()
    .padStart(20, '0')
    .slice(-19)}`
}

/** Two rows that no ledger has: pending, and in the variant `posted` under new ids that refer to the first ones. */
function pendingThenPosted(
  asked: Asked,
  account: Account,
  list: readonly JsonObject[],
  variant: string,
): JsonObject[] {
  const [model] = list
  const query = asked.call.url.searchParams
  const within = windowOf(asked)
  const first = !query.has('offset') && !query.has('pageKey')
  const todayToo = typeof within === 'function' && within({ day: dayOf(asked.tools.options.today) })
  if (!model || !first || !todayToo) return [...list]
  const made = `${asked.tools.options.today}T09:00:00Z`
  const rows = [1, 2].map((number) =>
    inside(asked, model, (fields) => ({
      ...fields,
      transactionId: `${variant === 'posted' ? 'S' : 'H'}${number}-${account.accountId}`,
      referenceTransactionId: variant === 'posted' ? `H${number}-${account.accountId}` : undefined,
      description: `HELD PURCHASE ${number}`,
      amount: money(BigInt(1000 + number)),
      debitCreditMemo: 'DEBIT',
      status: variant === 'posted' ? 'POSTED' : 'PENDING',
      postedTimestamp: variant === 'posted' ? made : undefined,
      transactionTimestamp: made,
    })),
  )
  return [...rows, ...list]
}
