import type { Month } from '../calendar.ts'
import { dayIn, lastDay } from '../calendar.ts'
import { chanceOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import type { Cents } from '../money.ts'
import { dollars, money } from '../money.ts'
import type { Entry, Ledger } from './ledger.ts'
import { shops } from './names.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'

/** Annuities: no version of FDX has transactions for them. */
export function noMovements(): Ledger {
  const nothing = { transactionType: 'ADJUSTMENT', description: 'None' }
  return {
    entries: () => [],
    balanceAtEnd: () => 0n,
    dues: () => [],
    filler: { credit: nothing, debit: nothing },
  }
}

/** What a policy costs each month. */
export function premiumOf(key: AccountKey): Cents {
  return dollars(chanceOf(...partsOf(key), 'premium').between(35, 240), 50)
}

/** A policy: the premium is billed, then paid, each month. */
export function insuranceLedger(key: AccountKey): Ledger {
  const premium = premiumOf(key)
  return {
    balanceAtEnd: () => 0n,
    filler: {
      credit: { transactionType: 'ADJUSTMENT', description: 'Premium adjusted' },
      debit: { transactionType: 'ADJUSTMENT', description: 'Premium adjusted' },
    },
    dues: (month) => [
      {
        day: dayIn(month, 6),
        signed: -premium,
        description: 'INSURANCE PREMIUM',
        payee: 'Harbour Mutual',
        type: 'BILLPAYMENT',
      },
    ],
    entries: (month) => [
      row(dayIn(month, 4), -premium, { transactionType: 'FEE', description: 'Premium billed' }),
      row(dayIn(month, 6), premium, { transactionType: 'PAYMENT', description: 'Premium paid' }),
    ],
  }
}

/** A firm's account: invoices in, suppliers and wages out, levelled at the end of each month. */
export function commercialLedger(key: AccountKey): Ledger {
  return levelled(key, 20_000, 250_000, (month) => {
    const chance = chanceOf(...partsOf(key), month, 'month')
    return Array.from({ length: chance.between(14, 40) }, (_, number) => {
      const incoming = chance.percent(40)
      const cents = dollars(chance.between(80, 18_000), chance.below(100))
      return row(dayIn(month, chance.between(1, 28)), incoming ? cents : -cents, {
        description: incoming ? `INVOICE ${month}${number}` : `SUPPLIER ${chance.digits(5)}`,
        immediateAvailableBalance: money(cents),
        nextDayAvailableBalance: money(0n),
        twoDaysPlusAvailableBalance: money(0n),
        referenceBankId: '000777',
        referenceBranchId: '00042',
        referenceCustomerId: `CU${chance.digits(6)}`,
        commercialCode: { type: 'BTRS', code: incoming ? '165' : '475' },
        memo: 'BTRS detail',
        reference: `R${chance.digits(8)}`,
      })
    })
  })
}

/** A wallet, a payroll card: small purchases, topped up at the end of the month. */
export function walletLedger(key: AccountKey): Ledger {
  return levelled(key, 700, 1400, (month) => {
    const chance = chanceOf(...partsOf(key), month, 'month')
    return Array.from({ length: chance.between(4, 12) }, () => {
      const shop = chance.pick(shops)
      return row(
        dayIn(month, chance.between(1, 28)),
        -dollars(chance.between(shop.low, shop.high), chance.below(100)),
        { transactionType: 'POSDEBIT', description: shop.name, category: shop.category },
      )
    })
  })
}

/** Buy now, pay later: one purchase a month, paid back in the next. */
export function instalmentLedger(key: AccountKey): Ledger {
  const bought = (month: Month): Cents =>
    dollars(chanceOf(...partsOf(key), month, 'bought').between(40, 600))
  return {
    balanceAtEnd: (month) => -bought(month),
    filler: {
      credit: { transactionType: 'PAYMENT', description: 'Instalment paid' },
      debit: { transactionType: 'PURCHASE', description: 'Purchase' },
    },
    dues: () => [],
    entries: (month) => [
      row(dayIn(month, 7), bought(month - 1), {
        transactionType: 'PAYMENT',
        description: 'Instalment paid',
      }),
      row(dayIn(month, 19), -bought(month), {
        transactionType: 'PURCHASE',
        description: 'HARDWARE BARN',
      }),
    ],
  }
}

/** A ledger whose months end at an invented balance; one more movement on the last day makes it so. */
function levelled(
  key: AccountKey,
  low: number,
  high: number,
  planned: (month: Month) => Entry[],
): Ledger {
  const balanceAtEnd = (month: Month): Cents =>
    dollars(chanceOf(...partsOf(key), month, 'target').between(low, high))
  const level = { transactionType: 'TRANSFER', description: 'Transfer own accounts' }
  return {
    balanceAtEnd,
    filler: { credit: level, debit: level },
    dues: () => [],
    entries(month) {
      const list = planned(month)
      const sum = list.reduce((total, entry) => total + entry.signed, balanceAtEnd(month - 1))
      const rest = balanceAtEnd(month) - sum
      if (rest !== 0n) list.push(row(lastDay(month), rest, level))
      return list
    },
  }
}

function row(day: number, signed: Cents, fields: JsonObject): Entry {
  return { day, made: day, second: 50_400, signed, fields }
}
