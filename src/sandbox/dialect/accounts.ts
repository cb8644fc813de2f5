import type { Account } from '../invented/book.ts'
import type { Kind } from '../invented/plan.ts'
import { sendsEverything } from '../invented/plan.ts'
import type { Movement } from '../invented/transactions.ts'
import type { Json, JsonObject } from '../json.ts'
import { isExact, isObject, mapMembers } from '../json.ts'
import type { Shape } from '../shape.ts'
import { leaveOut } from './omit.ts'
import { securityKeys, since6, until5 } from './versions.ts'

/** v4/v5: the one key of the object around an account. */
export const accountWrapper: Record<Kind, string> = {
  deposit: 'depositAccount',
  loan: 'loanAccount',
  line: 'locAccount',
  investment: 'investmentAccount',
  annuity: 'annuityAccount',
  insurance: 'insuranceAccount',
  commercial: 'commercialAccount',
  wallet: 'digitalWallet',
  bnpl: 'bnplAccount',
  payroll: 'payrollAccount',
}

/** v4/v5: the one key of the object around a transaction in a list. */
export const transactionWrapper: Record<Kind, string> = {
  deposit: 'depositTransaction',
  loan: 'loanTransaction',
  line: 'locTransaction',
  investment: 'investmentTransaction',
  annuity: 'annuityTransaction',
  insurance: 'insuranceTransaction',
  commercial: 'commercialTransaction',
  wallet: 'digitalWalletTransaction',
  bnpl: 'bnplTransaction',
  payroll: 'payrollTransaction',
}

/** How much of an account: `resultType` of FDX, and whether the grant covers holdings. */
export interface Detail {
  readonly details: boolean
  readonly investments: boolean
  /** Which embedded transactions to show; an account's own window when the request has one. */
  readonly within: (movement: Movement) => boolean
}

/** An account as this provider writes it: wrapped in v5, flat in v6. */
export function writeAccount(shape: Shape, account: Account, detail: Detail): JsonObject {
  const { key } = account
  const all = detail.details ? { ...account.descriptor, ...account.details() } : account.descriptor
  const fields: JsonObject = {}
  for (const [name, value] of Object.entries(all))
    if (belongs(shape, key.kind, name))
      fields[name] = name === 'holdings' ? holdings(shape, value) : value
  if (!detail.investments)
    for (const name of ['holdings', 'openOrders', 'contribution', 'vesting']) delete fields[name]
  const written = { ...leaveOut(key, fields), ...oddities(shape, account) }
  if (shape.provider === 'rotating' && detail.details && key.index === 1)
    written['lastActivityDate'] = `${account.details()['lastActivityDate']}T00:00:00.000-0500`
  if (detail.details) embed(shape, account, written, detail)
  const spelled = amountsAsText(shape, account) ? textAmounts(written) : written
  return shape.version === 6 ? spelled : { [accountWrapper[key.kind]]: spelled }
}

function belongs(shape: Shape, kind: Kind, name: string): boolean {
  if (shape.version === 6)
    return !until5.has(name) && !(kind === 'annuity' && name === 'paymentFrequency')
  return !since6.has(name) && !(kind === 'line' && name === 'bills')
}

/** What sets one provider's accounts apart from another's. */
function oddities(shape: Shape, account: Account): JsonObject {
  const { key, accountId } = account
  if (shape.provider === 'outbound')
    return key.index % 3 === 2 ? { accountCategory: undefined } : {}
  if (shape.provider === 'v6') return {}
  return {
    accountCategory: undefined,
    // `active` is no FDX status, but one that is seen (fdx-standard 1.4).
    ...(key.person % 2 === 1 && key.index === 1 ? { status: 'active' } : {}),
    displayName: `${key.type} ${key.index}`,
    institutionAccountId: `I-${accountId}`,
    accountId: idAsNumber(account) ? Number(accountId) : accountId,
  }
}

/** At `/rotating`, person 1's first account has a JSON number for an id. */
function idAsNumber({ key }: Account): boolean {
  return key.provider === 'rotating' && key.person === 1 && key.index === 0
}

/** At `/rotating`, every second account of a person has its amounts as strings. */
function amountsAsText(shape: Shape, { key }: Account): boolean {
  return shape.provider === 'rotating' && key.index % 2 === 1
}

function textAmounts(object: JsonObject): JsonObject {
  return mapMembers(object, (value) => (isExact(value) ? value.rawJSON : value))
}

/** v5 accounts may carry their transactions, bare (fdx-standard 1.2): all of them, or at `/outbound` the newest. */
function embed(shape: Shape, account: Account, written: JsonObject, detail: Detail): void {
  const { key } = account
  written['transactionsIncluded'] = false
  if (shape.version === 6) {
    if (sendsEverything(key.person) && key.kind !== 'annuity') written['transactions'] = []
    return
  }
  const newest = account.statement().movements.filter(detail.within).toReversed()
  const bare = (list: readonly Movement[]) =>
    list.map((row) => transactionFields(shape, account, row))
  if (shape.provider === 'rotating' && key.person % 3 === 0) {
    written['transactionsIncluded'] = true
    written['transactions'] = bare(newest)
  } else if (shape.provider === 'outbound' && key.person % 5 === 0 && newest.length > 0)
    written['transactions'] = bare(newest.slice(0, 5))
}

/** A transaction of a list: wrapped in v5, flat with its category in v6. */
export function writeTransaction(shape: Shape, account: Account, row: Movement): JsonObject {
  const fields = transactionFields(shape, account, row)
  return shape.version === 6 ? fields : { [transactionWrapper[account.key.kind]]: fields }
}

function transactionFields(shape: Shape, account: Account, row: Movement): JsonObject {
  const { key, accountId } = account
  const fields: JsonObject = {}
  if (shape.version === 6) fields['accountCategory'] = account.descriptor['accountCategory']
  // Lists often leave the account out (fdx-standard 7.1); then only the path says whose rows these are.
  if (shape.provider !== 'v6')
    fields['accountId'] = idAsNumber(account) ? Number(accountId) : accountId
  for (const [name, value] of Object.entries(row.fields))
    if (belongs(shape, key.kind, name)) fields[name] = value
  if (shape.version === 6 && key.kind === 'deposit' && sendsEverything(key.person)) payee6(fields)
  const kept = leaveOut(key, fields)
  return amountsAsText(shape, account) ? textAmounts(kept) : kept
}

/** 6.4 puts the payee into an object; the old field stays for its time of deprecation. */
function payee6(fields: JsonObject): void {
  const payee = fields['payee']
  if (typeof payee !== 'string') return
  fields['transactionPayee'] = {
    merchantName: payee,
    merchantId: `m-${payee.length}`,
    individualName: payee === 'Own account' ? 'Account holder' : null,
    address: { line1: '1 Market Square', city: 'Halifax', region: 'NS', country: 'CA' },
    phone: { purpose: 'BUSINESS', country: '1', number: '9025550100' },
  }
}

/** v6 has lists of ids and one `security` object where v5 has two scalars and six keys. */
function holdings(shape: Shape, value: Json | undefined): Json {
  if (!Array.isArray(value)) return value ?? []
  return value.filter(isObject).map((holding) => {
    const written: JsonObject = {}
    for (const [name, member] of Object.entries(holding)) {
      const category = securityKeys[name]
      if (shape.version === 5) {
        if (!since6.has(name)) written[name] = member
      } else if (category !== undefined && isObject(member))
        written['security'] = { securityCategory: category, ...member }
      else if (name !== 'securityId' && name !== 'securityIdType') written[name] = member
    }
    return written
  })
}
