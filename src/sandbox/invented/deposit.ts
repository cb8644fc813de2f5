import type { Day, Month } from '../calendar.ts'
import { dayIn, firstDay, lastDay } from '../calendar.ts'
import type { Chance } from '../chance.ts'
import { chanceOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import type { Cents } from '../money.ts'
import { dollars, money, share } from '../money.ts'
import type { Due, Entry, Ledger } from './ledger.ts'
import type { Shop } from './names.ts'
import { groceries, shops, subscriptions } from './names.ts'
import type { Person } from './person.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'

/** Days between a card purchase and its posting; until then it is pending. */
const pendingDays = 2

/** The account that salary enters and everything is paid from; `dues` are those of the person's other accounts. */
export function chequingLedger(
  key: AccountKey,
  person: Person,
  dues: (month: Month) => readonly Due[],
): Ledger {
  const habits = chanceOf(...partsOf(key), 'habits')
  const salary = dollars(habits.between(1400, 3600), habits.below(100))
  const payday = habits.below(14)
  const rent = dollars(habits.between(900, 2400))

  const balanceAtEnd = (month: Month): Cents =>
    dollars(chanceOf(...partsOf(key), month, 'target').between(1200, 9000)) + rent

  return {
    balanceAtEnd,
    dues: () => [],
    filler: spelled('POSCREDIT', 'POSDEBIT', 'CORNER COFFEE ROASTERS'),
    entries(month) {
      const chance = chanceOf(...partsOf(key), month, 'month')
      const planned = [
        ...salaries(month, payday, salary, person.employer),
        ...dues(month).map(fromDue),
        ...household(chance, month, rent),
        ...purchases(chance, month),
        ...occasional(chance, month),
      ]
      const end = balanceAtEnd(month)
      const sum = planned.reduce((total, entry) => total + entry.signed, balanceAtEnd(month - 1))
      const rest = end - sum
      if (rest !== 0n)
        planned.push(
          entry(lastDay(month), 80_000, rest, 'TRANSFER', 'Transfer joint account', {
            payee: 'Joint account',
            memo: 'month end',
          }),
        )
      return planned
    },
  }
}

function fromDue(due: Due): Entry {
  return entry(due.day, 36_000, due.signed, due.type, due.description, { payee: due.payee })
}

function salaries(month: Month, payday: number, salary: Cents, employer: string): Entry[] {
  const paid: Entry[] = []
  for (let day = firstDay(month); day <= lastDay(month); day++)
    if (day % 14 === payday)
      paid.push(
        entry(day, 21_600, salary, 'DIRECTDEPOSIT', `PAYROLL ${employer.toUpperCase()}`, {
          payee: employer,
          category: '6011',
          subCategory: 'Salary',
          reference: `PAY${day}`,
        }),
      )
  return paid
}

function household(chance: Chance, month: Month, rent: Cents): Entry[] {
  const bills = [
    entry(firstDay(month), 30_000, -rent, 'CHECK', 'Rent', {
      payee: 'Harbour Properties',
      checkNumber: 1000 + (month % 1000),
      imageIds: [`chk-${month}`],
      category: '6513',
      subCategory: 'Rent',
    }),
    entry(dayIn(month, 12), 40_000, -cents(chance, 60, 180), 'BILLPAYMENT', 'CITY HYDRO', {
      payee: 'City Hydro',
      category: '4900',
      subCategory: 'Utilities',
    }),
    entry(dayIn(month, 20), 40_000, -cents(chance, 45, 95), 'BILLPAYMENT', 'FARSPEAK MOBILE', {
      payee: 'Farspeak Mobile',
      category: '4814',
      subCategory: 'Telephone',
    }),
    entry(dayIn(month, 27), 3_600, -495n, 'FEE', 'Monthly account fee', {}),
  ]
  for (const shop of subscriptions) bills.push(purchase(chance, shop, dayIn(month, 8), 50_000))
  return bills
}

function purchases(chance: Chance, month: Month): Entry[] {
  const list: Entry[] = []
  for (let count = chance.between(7, 10); count > 0; count--)
    list.push(purchase(chance, chance.pick(groceries), dayIn(month, chance.between(1, 28)), -1))
  for (let count = chance.between(6, 14); count > 0; count--)
    list.push(purchase(chance, chance.pick(shops), dayIn(month, chance.between(1, 28)), -1))
  return list
}

/** What happens now and then; each has fields that nothing else in an account shows. */
function occasional(chance: Chance, month: Month): Entry[] {
  const day = dayIn(month, chance.between(3, 25))
  switch (month % 6) {
    case 0:
      return [
        entry(day, 45_000, cents(chance, 50, 900), 'ATMDEPOSIT', 'Cash and cheques deposited', {
          lineItem: [
            {
              description: 'Cheque 1',
              amount: money(10_000n),
              checkNumber: 2_147_483_648 + month,
              memo: 'from a friend',
              reference: `LI${month}`,
              imageIds: [`img-${month}`],
              links: [
                { href: `/images/img-${month}`, action: 'GET', rel: 'image', types: ['image/png'] },
              ],
            },
          ],
          imageIds: [`img-${month}`],
        }),
      ]
    case 1:
      return [
        entry(day, 50_000, -cents(chance, 40, 400), 'POSDEBIT', 'PARIS HÔTEL DU NORD', {
          foreignAmount: money(25_050n),
          foreignCurrency: 'EUR',
          category: '7011',
          subCategory: 'Travel',
          fiAttributes: [{ name: 'terminal', value: `T-${month}` }],
        }),
      ]
    case 2:
      return [entry(day, 52_000, -cents(chance, 40, 300), 'ATMWITHDRAWAL', 'ATM 0042 KING ST', {})]
    case 3:
      return [
        entry(day, 53_000, cents(chance, 20, 120), 'POSCREDIT', 'Refund TRAIL & TENT OUTFITTERS', {
          links: [{ href: `/transactions/refund-${month}`, action: 'GET' }],
          reward: { categoryId: 'cashback', accrued: money(12n), adjusted: money(0n) },
        }),
      ]
    case 4:
      return [
        entry(day, 54_000, -cents(chance, 20, 150), 'WITHDRAWAL', 'Interac e-Transfer sent', {}),
      ]
    default:
      return [
        entry(day, 54_000, cents(chance, 1, 4), 'ADJUSTMENT', 'Adjustment', { memo: 'rounding' }),
      ]
  }
}

/** What savings earn. Per cent a year, in hundredths. */
export const savingsRate = 300n

/** Savings and the like: a transfer in from chequing, interest at the end of the month, sometimes one out. */
export function savingsLedger(key: AccountKey): Ledger {
  const habits = chanceOf(...partsOf(key), 'habits')
  const base = dollars(habits.between(2000, 30_000))
  const monthly = key.type === 'CD' ? 0n : dollars(habits.between(50, 600))
  /** Saved up through the year; taken out again in January. */
  const saved = (month: Month): Cents => monthly * BigInt((month % 12) + 1)
  const interest = (month: Month): Cents => share(base + saved(month), savingsRate, 120_000n)
  // January takes out all that the year before saved and earned, so a balance needs its own year only.
  const interestSoFar = (month: Month): Cents => {
    let sum = 0n
    for (let m = month - (month % 12); m <= month; m++) sum += interest(m)
    return sum
  }
  const balanceAtEnd = (month: Month): Cents => base + saved(month) + interestSoFar(month)
  const taken = (month: Month): Cents =>
    month % 12 === 0 ? saved(month - 1) + interestSoFar(month - 1) : 0n
  return {
    balanceAtEnd,
    filler: spelled('DEPOSIT', 'WITHDRAWAL', 'Round-up savings'),
    dues(month) {
      const list: Due[] = []
      if (monthly > 0n) list.push(transfer(dayIn(month, 5), -monthly, 'Transfer to savings'))
      if (taken(month) > 0n)
        list.push(transfer(dayIn(month, 3), taken(month), 'Transfer from savings'))
      return list
    },
    entries(month) {
      const list = [
        entry(lastDay(month), 82_000, interest(month), 'INTEREST', 'Interest paid', {
          memo: 'monthly',
        }),
      ]
      if (monthly > 0n)
        list.push(entry(dayIn(month, 5), 36_000, monthly, 'TRANSFER', 'Transfer from chequing', {}))
      if (taken(month) > 0n)
        list.push(
          entry(dayIn(month, 3), 36_000, -taken(month), 'TRANSFER', 'Transfer to chequing', {}),
        )
      return list
    },
  }
}

function transfer(day: Day, signed: Cents, description: string): Due {
  return { day, signed, description, payee: 'Own account', type: 'TRANSFER' }
}

function entry(
  day: Day,
  second: number,
  signed: Cents,
  transactionType: string,
  description: string,
  fields: JsonObject,
): Entry {
  return { day, made: day, second, signed, fields: { transactionType, description, ...fields } }
}

function purchase(chance: Chance, shop: Shop, day: Day, second: number): Entry {
  return {
    day,
    made: day - pendingDays,
    second: second < 0 ? chance.between(28_800, 79_000) : second,
    signed: -cents(chance, shop.low, shop.high),
    fields: {
      transactionType: 'POSDEBIT',
      description: shop.name,
      payee: shop.name,
      category: shop.category,
      subCategory: shop.subCategory,
    },
  }
}

function cents(chance: Chance, low: number, high: number): Cents {
  return dollars(chance.between(low, high), chance.below(100))
}

function spelled(credit: string, debit: string, description: string): Ledger['filler'] {
  return {
    credit: { transactionType: credit, description },
    debit: { transactionType: debit, description },
  }
}
