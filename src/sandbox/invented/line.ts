import type { Month } from '../calendar.ts'
import { dayIn, lastDay } from '../calendar.ts'
import { chanceOf } from '../chance.ts'
import type { Cents } from '../money.ts'
import { dollars, money, share } from '../money.ts'
import type { Entry, Ledger } from './ledger.ts'
import { groceries, shops } from './names.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'

/** Terms of a card or line of credit that do not change. */
export interface LineTerms {
  readonly creditLine: Cents
  /** Owed for ever, beside what was bought this month. */
  readonly carried: Cents
  /** Per cent a year, in hundredths. */
  readonly apr: bigint
  readonly card: boolean
}

export interface LineLedger extends Ledger {
  readonly terms: LineTerms
  /** What was bought, charged and taken back in the month: the statement that is paid in the next one. */
  statement(month: Month): Cents
}

/** The day of the month on which the statement before is paid. */
export const lineDueDay = 15

/** A card or line of credit. Each statement is paid whole on the 15th, from the person's chequing account. */
export function lineLedger(key: AccountKey): LineLedger {
  const habits = chanceOf(...partsOf(key), 'habits')
  const card = key.type === 'CREDITCARD' || key.type === 'CHARGE'
  const terms: LineTerms = {
    card,
    creditLine: dollars(habits.between(4, 20) * 1000),
    carried: card && habits.percent(50) ? 0n : dollars(habits.between(200, 3000)),
    apr: BigInt(card ? habits.between(1799, 2499) : habits.between(699, 1199)),
  }
  const charged = (month: Month): Entry[] => charges(key, terms, month)
  const statement = (month: Month): Cents =>
    charged(month).reduce((sum, entry) => sum - entry.signed, 0n)
  return {
    terms,
    statement,
    balanceAtEnd: (month) => -(terms.carried + statement(month)),
    filler: {
      credit: { transactionType: 'ADJUSTMENT', description: 'Purchase reversed' },
      debit: { transactionType: 'PURCHASE', description: 'CORNER COFFEE ROASTERS' },
    },
    dues: (month) => [
      {
        day: dayIn(month, lineDueDay),
        signed: -statement(month - 1),
        description: card ? 'CARD PAYMENT' : 'LINE OF CREDIT PAYMENT',
        payee: card ? 'Card services' : 'Credit services',
        type: 'BILLPAYMENT',
      },
    ],
    entries(month) {
      const paid = statement(month - 1)
      const payment: Entry = {
        day: dayIn(month, lineDueDay),
        made: dayIn(month, lineDueDay),
        second: 37_000,
        signed: paid,
        fields: {
          transactionType: 'PAYMENT',
          description: 'PAYMENT RECEIVED - THANK YOU',
          paymentDetails: paymentDetails(paid, terms),
        },
      }
      return [...charged(month), payment]
    },
  }
}

function paymentDetails(paid: Cents, terms: LineTerms) {
  const interest = share(terms.carried, terms.apr, 120_000n)
  return { principalAmount: money(paid - interest), interestAmount: money(interest) }
}

function charges(key: AccountKey, terms: LineTerms, month: Month): Entry[] {
  const chance = chanceOf(...partsOf(key), month, 'month')
  const list: Entry[] = []
  const places = [...groceries, ...shops]
  for (let count = terms.card ? chance.between(10, 24) : chance.between(1, 3); count > 0; count--) {
    const shop = chance.pick(places)
    const day = dayIn(month, chance.between(1, 28))
    const cents = dollars(chance.between(shop.low, shop.high), chance.below(100))
    list.push({
      day,
      made: terms.card ? day - 2 : day,
      second: chance.between(28_800, 79_000),
      signed: -cents,
      fields: {
        transactionType: terms.card ? 'PURCHASE' : 'WITHDRAWAL',
        description: terms.card ? shop.name : 'Advance to chequing',
        category: shop.category,
        subCategory: shop.subCategory,
        reward: terms.card
          ? {
              categoryId: shop.category,
              accrued: money(share(cents, 1n, 100n)),
              adjusted: money(0n),
            }
          : undefined,
        cardNumberDisplay: terms.card ? `**** ${chance.digits(4)}` : undefined,
        payee: undefined,
      },
    })
  }
  const interest = share(terms.carried, terms.apr, 120_000n)
  if (interest > 0n) list.push(flat(lastDay(month), -interest, 'INTEREST', 'INTEREST CHARGES'))
  if (month % 12 === 4) list.push(flat(dayIn(month, 10), -9900n, 'FEE', 'ANNUAL FEE'))
  if (month % 3 === 1)
    list.push({
      ...flat(dayIn(month, 18), -dollars(120), 'CHECK', 'Convenience cheque'),
      fields: { transactionType: 'CHECK', description: 'Convenience cheque', checkNumber: month },
    })
  return list
}

function flat(day: number, signed: Cents, transactionType: string, description: string): Entry {
  return { day, made: day, second: 82_000, signed, fields: { transactionType, description } }
}
