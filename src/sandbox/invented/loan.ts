import type { Month } from '../calendar.ts'
import { dayIn } from '../calendar.ts'
import { chanceOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import type { Cents } from '../money.ts'
import { dollars, money, share } from '../money.ts'
import type { Entry, Ledger } from './ledger.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'

/** Terms of a loan with level payments. */
export interface LoanTerms {
  readonly principal: Cents
  /** Per cent a year, in hundredths. */
  readonly rate: bigint
  readonly months: number
  readonly first: Month
  readonly dueDay: number
  /** Principal and interest. */
  readonly level: Cents
  readonly escrow: Cents
  readonly insurance: Cents
  readonly mortgageInsurance: Cents
  readonly fees: Cents
}

export interface LoanMonth {
  readonly number: number
  readonly interest: Cents
  readonly principal: Cents
  readonly left: Cents
}

export interface LoanLedger extends Ledger {
  readonly terms: LoanTerms
  /** Where the loan stands after the payment of a month; number 0 before the first one. */
  standing(month: Month): LoanMonth
  payment(month: Month): Cents
}

const sizes = {
  MORTGAGE: { low: 180_000, high: 520_000, months: 300, rate: 489 },
  AUTOLOAN: { low: 18_000, high: 48_000, months: 84, rate: 649 },
  STUDENTLOAN: { low: 12_000, high: 60_000, months: 144, rate: 525 },
  PERSONALLOAN: { low: 8_000, high: 25_000, months: 96, rate: 999 },
} as const

/**
 * A loan that is paid back month by month. Each month interest and what goes into escrow, insurance and fees is
 * charged, then one payment pays all of it, so principal moves both by the sum of the rows and by `paymentDetails`.
 */
export function loanLedger(key: AccountKey): LoanLedger {
  const terms = termsOf(key)
  const schedule = amortise(terms)
  const standing = (month: Month): LoanMonth => {
    const number = Math.max(0, Math.min(terms.months, month - terms.first + 1))
    return schedule[number] ?? { number: 0, interest: 0n, principal: 0n, left: terms.principal }
  }
  const extras = terms.escrow + terms.insurance + terms.mortgageInsurance + terms.fees
  const running = (month: Month) => month >= terms.first && month < terms.first + terms.months
  const payment = (month: Month): Cents => {
    if (!running(month)) return 0n
    const { interest, principal } = standing(month)
    return interest + principal + extras
  }
  return {
    terms,
    standing,
    payment,
    balanceAtEnd: (month) => -standing(month).left,
    filler: {
      credit: { transactionType: 'ADJUSTMENT', description: 'Adjustment' },
      debit: { transactionType: 'ADJUSTMENT', description: 'Adjustment' },
    },
    dues: (month) =>
      running(month)
        ? [
            {
              day: dayIn(month, terms.dueDay),
              signed: -payment(month),
              description: `${key.type} PAYMENT`,
              payee: 'Loan services',
              type: 'BILLPAYMENT',
            },
          ]
        : [],
    entries: (month) => (running(month) ? rows(terms, standing(month), month, payment(month)) : []),
  }
}

function rows(terms: LoanTerms, at: LoanMonth, month: Month, paid: Cents): Entry[] {
  const day = dayIn(month, terms.dueDay)
  const row = (second: number, signed: Cents, fields: JsonObject): Entry[] =>
    signed === 0n ? [] : [{ day, made: day, second, signed, fields }]
  return [
    ...row(1000, -at.interest, {
      transactionType: 'INTEREST',
      description: 'Interest for the month',
    }),
    ...row(1001, -terms.escrow, {
      transactionType: 'ADJUSTMENT',
      description: 'To escrow account',
    }),
    ...row(1002, -(terms.insurance + terms.mortgageInsurance), {
      transactionType: 'ADJUSTMENT',
      description: 'Insurance premium',
    }),
    ...row(1003, -terms.fees, { transactionType: 'FEE', description: 'Administration fee' }),
    ...row(36_000, paid, {
      transactionType: 'PAYMENT',
      description: `Payment ${at.number} of ${terms.months}`,
      memo: 'Thank you',
      paymentDetails: {
        principalAmount: money(at.principal),
        interestAmount: money(at.interest),
        insuranceAmount: money(terms.insurance),
        escrowAmount: money(terms.escrow),
        pmiAmount: money(terms.mortgageInsurance),
        feesAmount: money(terms.fees),
      },
    }),
  ]
}

function termsOf(key: AccountKey): LoanTerms {
  const chance = chanceOf(...partsOf(key), 'terms')
  const size = sizes[key.type as keyof typeof sizes] ?? sizes.PERSONALLOAN
  const principal = dollars(chance.between(size.low / 1000, size.high / 1000) * 1000)
  const rate = BigInt(size.rate + chance.between(-50, 150))
  const mortgage = key.type === 'MORTGAGE'
  return {
    principal,
    rate,
    months: size.months,
    first: 2021 * 12 + chance.below(36),
    dueDay: chance.between(2, 26),
    level: levelPayment(principal, rate, size.months),
    escrow: mortgage ? dollars(chance.between(180, 420), chance.below(100)) : 0n,
    insurance: mortgage ? dollars(chance.between(20, 60)) : 0n,
    mortgageInsurance: mortgage && chance.percent(50) ? dollars(48, 50) : 0n,
    fees: mortgage ? 200n : 0n,
  }
}

/** The payment that pays `principal` back in `months`, to the cent; fixed point of 12 digits inside. */
function levelPayment(principal: Cents, rate: bigint, months: number): Cents {
  const one = 10n ** 12n
  const monthly = (one * rate) / 120_000n
  let power = one
  for (let month = 0; month < months; month++) power = (power * (one + monthly)) / one
  return share(principal * monthly, power, (power - one) * one) + 1n
}

function amortise(terms: LoanTerms): LoanMonth[] {
  const table: LoanMonth[] = [{ number: 0, interest: 0n, principal: 0n, left: terms.principal }]
  let left = terms.principal
  for (let number = 1; number <= terms.months; number++) {
    const interest = share(left, terms.rate, 120_000n)
    const last = number === terms.months || terms.level - interest > left
    const principal = last ? left : terms.level - interest
    left -= principal
    table.push({ number, interest, principal, left })
  }
  return table
}
