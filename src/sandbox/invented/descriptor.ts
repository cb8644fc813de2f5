import type { Day } from '../calendar.ts'
import { dayText } from '../calendar.ts'
import { chanceOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import { exact } from '../json.ts'
import { decimal } from '../money.ts'
import type { AccountKey, Kind } from './plan.ts'
import { partsOf } from './plan.ts'

/** FDX 6 `accountCategory` of each kind; `payroll` is one that nobody knows. */
export const categoryOf: Record<Kind, string> = {
  deposit: 'DEPOSIT_ACCOUNT',
  loan: 'LOAN_ACCOUNT',
  line: 'LOC_ACCOUNT',
  investment: 'INVESTMENT_ACCOUNT',
  annuity: 'ANNUITY_ACCOUNT',
  insurance: 'INSURANCE_ACCOUNT',
  commercial: 'COMMERCIAL_ACCOUNT',
  wallet: 'DIGITAL_WALLET',
  bnpl: 'BNPL_ACCOUNT',
  payroll: 'PAYROLL_ACCOUNT',
}

const products: Record<Kind, string> = {
  deposit: 'Everyday account',
  loan: 'Fixed term loan',
  line: 'Flexible credit',
  investment: 'Self-directed portfolio',
  annuity: 'Lifetime income',
  insurance: 'Family protection',
  commercial: 'Business operating account',
  wallet: 'Phone wallet',
  bnpl: 'Pay in four',
  payroll: 'Payroll card',
}

const owed: ReadonlySet<Kind> = new Set(['loan', 'line', 'bnpl'])

/** ISO 4217 code of an account. */
export function currencyOf(key: AccountKey): string {
  return key.country === 'CA' ? 'CAD' : 'USD'
}

/** The full account number that `/payment-networks` gives, and whose last digits are on display. */
export function accountNumber(key: AccountKey): string {
  return chanceOf(...partsOf(key), 'number').digits(12)
}

/** The fields of FDX `AccountDescriptor`: all that a lightweight answer has. */
export function descriptorOf(key: AccountKey, accountId: string): JsonObject {
  const number = accountNumber(key)
  const chance = chanceOf(...partsOf(key), 'descriptor')
  return {
    accountId,
    accountCategory: categoryOf[key.kind],
    accountType: key.type,
    accountNumber: `XXXXXXXX${number.slice(-4)}`,
    accountNumberDisplay: number.slice(-4),
    productId: `prod-${key.kind}`,
    productName: products[key.kind],
    nickname: chance.pick(['My account', 'Everyday', 'Family', 'Rainy days', 'Ours']),
    status: 'OPEN',
    description: `${products[key.kind]} ${key.type}`,
    accountOpenDate: `${2008 + chance.below(12)}-0${1 + chance.below(9)}-15`,
    // Certificates close by themselves when they mature.
    accountCloseDate: key.type === 'CD' ? '2028-04-15' : null,
    currency: {
      currencyRate: decimal(1n, 0),
      currencyCode: currencyOf(key),
      originalCurrencyCode: currencyOf(key),
    },
    fiAttributes: [{ name: 'segment', value: chance.pick(['core', 'plus']) }],
  }
}

/** The fields of FDX `Account` that all kinds share beyond the descriptor. */
export function commonDetails(
  key: AccountKey,
  lastActivity: Day,
  today: Day,
  parentAccountId: string,
): JsonObject {
  const chance = chanceOf(...partsOf(key), 'common')
  return {
    parentAccountId,
    lineOfBusiness: key.kind === 'commercial' ? 'COMMERCIAL' : 'CONSUMER',
    lineOfBusinessType: key.kind === 'commercial' ? 'SMALL_BUSINESS' : 'CONSUMER',
    routingTransitNumber: key.country === 'CA' ? `0${chance.digits(4)}777` : '091000777',
    balanceType: owed.has(key.kind) ? 'LIABILITY' : 'ASSET',
    interestRate: decimal(chance.between(50, 2499), 2),
    interestRateType: chance.pick(['FIXED', 'VARIABLE']),
    interestRateAsOf: `${dayText(today - 20)}T00:00:00Z`,
    priorInterestRate: exact('0.75'),
    interestRateIndex: 'PRIME',
    earlyPenaltyFlag: key.type === 'CD' || key.kind === 'loan',
    transferIn: true,
    transferOut: key.kind !== 'loan',
    billPayStatus: key.kind === 'deposit' ? 'ACTIVE' : 'NOT_AVAILABLE',
    micrNumber: `00777-0${chance.digits(4)}`,
    lastActivityDate: dayText(lastActivity),
    rewardProgramId: 'reward-1',
    domicile: { region: key.country === 'CA' ? 'QC' : 'VT', country: key.country },
    bankInstitutionId: key.country === 'CA' ? '777' : undefined,
    bankTransitId: key.country === 'CA' ? '00042' : undefined,
  }
}
