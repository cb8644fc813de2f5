import type { Account, Household } from '../invented/book.ts'
import { accountNumber } from '../invented/descriptor.ts'
import { customerOf } from '../invented/person.ts'
import { sendsEverything } from '../invented/plan.ts'
import type { Json, JsonObject } from '../json.ts'
import { isObject } from '../json.ts'
import { money } from '../money.ts'
import type { Shape } from '../shape.ts'

/** FDX `Customer` of the person whose grant it is. */
export function writeCustomer(shape: Shape, household: Household, personal: boolean): JsonObject {
  const customer = contactFields(shape, customerOf(household.person, household.number))
  if (shape.version === 5) {
    delete customer['customerStartDate']
    delete customer['lastActivityDate']
  }
  if (!personal)
    for (const name of ['dateOfBirth', 'taxId', 'taxIdCountry', 'governmentId'])
      delete customer[name]
  customer['accounts'] = household.accounts.map((account) => ({
    accountId: account.accountId,
    links: [{ href: `${shape.base}/accounts/${account.accountId}`, action: 'GET' }],
    relationship: 'PRIMARY',
  }))
  return customer
}

/** FDX `AccountContact`: the holders of one account. */
export function writeContact(shape: Shape, household: Household, account: Account): JsonObject {
  const holder = contactFields(shape, customerOf(household.person, household.number))
  const relationship = account.key.index === 0 ? 'PRIMARY' : 'PRIMARY_JOINT'
  return {
    holders: [{ ...holder, relationship }],
    emails: [household.person.email],
    addresses: holder['addresses'],
    telephones: holder['telephones'],
  }
}

/** E-mail, address and telephone by version: `email` and `state` went, `purpose` and `primary` came. */
function contactFields(shape: Shape, customer: JsonObject): JsonObject {
  const { emails, addresses, telephones, ...rest } = customer
  const each = (list: Json | undefined, drop: readonly string[]): Json =>
    Array.isArray(list) ? list.filter(isObject).map((item) => without(item, drop)) : []
  const v6 = shape.version === 6
  return {
    ...rest,
    [v6 ? 'emails' : 'email']: emails,
    addresses: each(
      addresses,
      v6 ? ['state'] : shape.provider === 'rotating' ? ['primary'] : ['primary', 'state'],
    ),
    telephones: each(telephones, v6 ? ['type'] : ['purpose', 'network', 'primary']),
  }
}

function without(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}

/** FDX `AccountPaymentNetwork`: the full account number. */
export function writePaymentNetworks(shape: Shape, account: Account): JsonObject[] {
  const { key } = account
  const canadian = key.country === 'CA'
  const network: JsonObject = {
    bankId: canadian ? '077700042' : '091000777',
    identifier: accountNumber(key),
    identifierType: 'ACCOUNT_NUMBER',
    type: canadian ? 'CA_ACSS' : 'US_ACH',
    transferIn: true,
    transferOut: true,
  }
  if (shape.version === 5) return [network]
  const limit = { ...span('2030-01-01T00:00:00Z'), maxOccurrence: 20, remainingOccurrence: 18 }
  const spans = { day: limit, week: limit, month: limit, year: limit }
  const transaction = {
    transferMaxAmount: money(1_000_000n),
    transferRemainingAmount: money(1_000_000n),
  }
  const all = sendsEverything(key.person)
  return [
    {
      ...network,
      supportsRequestForPayment: false,
      transferLimits: all
        ? { in: { ...spans, transaction }, out: { ...spans, transaction } }
        : undefined,
    },
  ]
}

function span(resetsOn: string): JsonObject {
  return { resetsOn, transferMaxAmount: money(500_000n), transferRemainingAmount: money(450_000n) }
}
