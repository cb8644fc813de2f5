import type { Month } from '../calendar.ts'
import { dayIn, dayText, lastDay } from '../calendar.ts'
import { chanceOf } from '../chance.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Cents } from '../money.ts'
import { decimal, dollars, money, share } from '../money.ts'
import type { Security } from './holdings.ts'
import { monthlyUnits, priceOn, securities } from './holdings.ts'
import type { Entry, Ledger } from './ledger.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'

/** The cash of an investment account: contributions enter, purchases leave, and each month has one rarer event. */
export function investmentLedger(key: AccountKey): Ledger {
  const balanceAtEnd = (month: Month): Cents =>
    dollars(chanceOf(...partsOf(key), month, 'cash').between(100, 2500))
  const contribution = dollars(chanceOf(...partsOf(key), 'habits').between(100, 700))
  return {
    balanceAtEnd,
    filler: {
      credit: { transactionType: 'DIVIDEND', description: 'Dividend', symbol: 'GLBX' },
      debit: {
        transactionType: 'REINVESTOFINCOME',
        description: 'Dividend reinvested',
        symbol: 'GLBX',
      },
    },
    dues: (month) => [
      {
        day: dayIn(month, 9),
        signed: -contribution,
        description: 'INVESTMENT CONTRIBUTION',
        payee: 'Wealth desk',
        type: 'TRANSFER',
      },
    ],
    entries(month) {
      const list = [
        row(month, 9, contribution, 'CONTRIBUTION', 'Monthly contribution', {
          inv401kSource: 'PRETAX',
          payrollDate: dayText(dayIn(month, 9)),
          priorYearContrib: false,
        }),
        ...securities.slice(0, 2).map((security) => purchase(key, month, security)),
        rareEvent(key, month),
      ]
      const sum = list.reduce((total, entry) => total + entry.signed, balanceAtEnd(month - 1))
      const rest = balanceAtEnd(month) - sum
      if (rest !== 0n)
        list.push({
          ...row(month, 28, rest, rest > 0n ? 'SOLD' : 'SRVCHG', 'Money market units', {}),
          day: lastDay(month),
        })
      return list
    },
  }
}

function purchase(key: AccountKey, month: Month, security: Security): Entry {
  const day = dayIn(month, 10)
  const units = monthlyUnits(key, security)
  const price = priceOn(key.seed, security, day)
  const cost = share(units * price, 1n, 10_000n)
  return row(month, 10, -(cost + 495n), 'PURCHASED', `Bought ${security.name}`, {
    shares: decimal(units, 4),
    units: decimal(units, 4),
    unitType: 'SHARES',
    price: money(price),
    unitPrice: money(price),
    commission: money(495n),
    fees: money(0n),
    settlementTimestamp: `${dayText(day + 2)}T16:00:00Z`,
    confirmationNumber: `C${month}${security.symbol}`,
    subAccountSec: 'CASH',
    subAccountFund: 'CASH',
    ...of(security),
  })
}

function of(security: Security): JsonObject {
  return {
    securityId: security.id,
    securityIdType: security.idType,
    securityType: security.securityType,
    symbol: security.symbol,
  }
}

/** One of eight, by month, so that a year of any account shows every field of an investment transaction. */
function rareEvent(key: AccountKey, month: Month): Entry {
  const chance = chanceOf(...partsOf(key), month, 'event')
  const some = dollars(chance.between(20, 400), chance.below(100))
  const stock = of(held(0))
  const events: readonly (readonly [Cents, string, string, { readonly [name: string]: Json }])[] = [
    [
      some,
      'DIVIDEND',
      'Dividend',
      { incomeType: 'CGLONG', taxExempt: false, taxes: money(some / 10n), ...stock },
    ],
    [
      0n,
      'SPLIT',
      'Two for one split',
      {
        oldUnits: decimal(500_000n, 4),
        newUnits: decimal(1_000_000n, 4),
        splitRatioNumerator: decimal(2n, 0),
        splitRatioDenominator: decimal(1n, 0),
        fractionalCash: money(0n),
        ...stock,
      },
    ],
    [
      -some,
      'PURCHASED',
      'Bought bonds',
      {
        faceValue: money(some),
        accruedInterest: money(215n),
        markup: money(50n),
        load: money(0n),
        unitPrice: decimal(98_750n, 3),
        ...of(held(2)),
      },
    ],
    [
      some,
      'SOLD',
      'Sold units',
      {
        shares: decimal(-12_500n, 4),
        units: decimal(-12_500n, 4),
        gain: money(some / 5n),
        transactionReason: 'SELL',
        positionType: 'LONG',
        ...stock,
      },
    ],
    [
      -some,
      'WITHDRAWAL',
      'Early withdrawal',
      {
        withholding: money(some / 10n),
        stateWithholding: money(some / 20n),
        penalty: money(some / 10n),
        runningBalance: money(some * 7n),
      },
    ],
    [
      some,
      'REPEATPMT',
      'Loan repayment',
      {
        loanId: 'L-1',
        loanPrincipal: money(some - 300n),
        loanInterest: money(300n),
        inv401kSource: 'MATCH',
      },
    ],
    [
      0n,
      'TRANSFER',
      'Units moved in',
      {
        transferAction: 'IN',
        shares: decimal(40_000n, 4),
        units: decimal(40_000n, 4),
        ...of(held(1)),
      },
    ],
    [
      -some,
      'PURCHASED',
      'Bought digital asset',
      {
        digitalUnits: '0.001234567890123456789',
        unitType: 'CURRENCY',
        ...of(held(6)),
      },
    ],
  ]
  const [signed, type, description, fields] = events[month % events.length] ?? [
    0n,
    'OTHER',
    'Other',
    {},
  ]
  return row(month, 16, signed, type, description, fields)
}

function held(number: number): Security {
  const security = securities[number]
  if (!security) throw new RangeError(`There is no security number ${number}.`)
  return security
}

function row(
  month: Month,
  number: number,
  signed: Cents,
  transactionType: string,
  description: string,
  fields: JsonObject,
): Entry {
  const day = dayIn(month, number)
  return {
    day,
    made: day,
    second: 57_600,
    signed,
    fields: { transactionType, description, ...fields },
  }
}
