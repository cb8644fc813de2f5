import type { Day } from '../calendar.ts'
import { dayIn, dayText, firstDay, monthOf } from '../calendar.ts'
import { chanceOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import { exact } from '../json.ts'
import { decimal, money, scaledText, share } from '../money.ts'
import type { AccountKey } from './plan.ts'
import { partsOf } from './plan.ts'

/** A security that people here hold. Prices are in hundredths, units in ten-thousandths. */
export interface Security {
  readonly symbol: string
  readonly name: string
  readonly id: string
  readonly idType: string
  readonly holdingType: string
  readonly securityType: string
  /** Price of January 2020, hundredths. */
  readonly price: bigint
}

/** All securities here, one of each FDX security type. */
export const securities: readonly Security[] = [
  security('NWRX', 'Northwind Robotics', 'CUSIP', '66666X105', 'STOCK', 'STOCK', 8_412n),
  security('GLBX', 'Global Index Fund', 'ISIN', 'CA0000000001', 'MUTUALFUND', 'MUTUALFUND', 3_107n),
  security('PRV32', 'Province 3.2% 2032', 'CUSIP', '777777AB1', 'BOND', 'BOND', 9_875n),
  security('NWRX240', 'NWRX call 240', 'CME', 'NWRX-240C', 'OPTION', 'OPTION', 512n),
  security('CASHSW', 'Cash sweep', 'VALOR', '0000001', 'OTHER', 'SWEEP', 100n),
  security('GOLDCT', 'Gold certificate', 'WKN', 'A0GOLD', 'OTHER', 'OTHER', 24_100n),
  security('XBTC', 'Example coin', 'ITSA', 'XBTC-0001', 'DIGITALASSET', 'DIGITALASSET', 4_200_000n),
]

function security(
  symbol: string,
  name: string,
  idType: string,
  id: string,
  holdingType: string,
  securityType: string,
  price: bigint,
): Security {
  return { symbol, name, id, idType, holdingType, securityType, price }
}

/** The price of a security on a day, hundredths: a walk by month, straight lines between. */
export function priceOn(seed: string, security: Security, day: Day): bigint {
  const month = monthOf(day)
  const first = firstDay(month)
  const here = monthPrice(seed, security, month)
  const next = monthPrice(seed, security, month + 1)
  return here + share(next - here, BigInt(day - first), BigInt(firstDay(month + 1) - first))
}

function monthPrice(seed: string, security: Security, month: number): bigint {
  if (security.securityType === 'SWEEP') return security.price
  return share(
    security.price,
    BigInt(chanceOf(seed, security.symbol, month).between(90, 135)),
    100n,
  )
}

/** How many ten-thousandths of a unit a person has on a day: some from the start, some more each month for stocks. */
export function unitsOn(key: AccountKey, security: Security, day: Day): bigint {
  const chance = chanceOf(...partsOf(key), security.symbol)
  const digital = security.holdingType === 'DIGITALASSET'
  const start = BigInt(digital ? chance.between(50, 900) : chance.between(20_000, 900_000))
  return start + monthlyUnits(key, security) * BigInt(Math.max(0, purchasesBy(day)))
}

/** Months since 2020 in which the purchase of the 10th has been made. */
function purchasesBy(day: Day): number {
  const month = monthOf(day)
  return month - 2020 * 12 + (day >= dayIn(month, 10) ? 1 : 0)
}

/** Ten-thousandths of a unit that a person buys each month. */
export function monthlyUnits(key: AccountKey, security: Security): bigint {
  if (security !== securities[0] && security !== securities[1]) return 0n
  return BigInt(chanceOf(...partsOf(key), security.symbol, 'monthly').between(5_000, 60_000))
}

/** Which securities an account holds: all of them at those who send everything, else two or three. */
export function heldBy(key: AccountKey, all: boolean): readonly Security[] {
  if (all) return securities
  const start = chanceOf(...partsOf(key), 'held').below(securities.length - 3)
  return securities.slice(0, 2).concat(securities.slice(start + 2, start + 3))
}

/** Market value of a holding on a day. */
export function valueOn(key: AccountKey, held: Security, day: Day): bigint {
  return share(unitsOn(key, held, day) * priceOn(key.seed, held, day), 1n, 10_000n)
}

/** FDX `Holding` with the fields of all versions; a dialect keeps its own. */
export function holdingOf(key: AccountKey, held: Security, day: Day, currency: string): JsonObject {
  const units = unitsOn(key, held, day)
  const price = priceOn(key.seed, held, day)
  const digital = held.holdingType === 'DIGITALASSET'
  return {
    holdingId: `${held.symbol}-${key.index}`,
    securityId: held.id,
    securityIdType: held.idType,
    securityIds: [{ id: held.id, idType: held.idType }],
    holdingName: held.name,
    holdingType: held.holdingType,
    holdingSubType: held.securityType === 'SWEEP' ? 'CASH' : 'MONEYMARKET',
    positionType: 'LONG',
    heldInAccount: held.securityType === 'SWEEP' ? 'CASH' : 'MARGIN',
    description: `${held.name} units`,
    symbol: held.symbol,
    originalPurchaseDate: '2019-06-14',
    purchasedPrice: money(held.price),
    currentAmortizationFactor: decimal(1n, 0),
    currentUnitPrice: money(price),
    changeInPrice: money(price - priceOn(key.seed, held, day - 1)),
    currentUnitPriceDate: dayText(day),
    units: decimal(units, 4),
    marketValue: money(valueOn(key, held, day)),
    faceValue: held.holdingType === 'BOND' ? money(units * 100n) : money(0n),
    averageCost: false,
    cashAccount: held.securityType === 'SWEEP',
    rate: decimal(320n, 2),
    expirationDate: '2032-03-15',
    inv401kSource: 'PRETAX',
    currency: { currencyCode: currency },
    assetClasses: [
      { assetClass: 'LARGESTOCK', percent: decimal(6_000n, 2) },
      { assetClass: 'INTLSTOCK', percent: decimal(4_000n, 2) },
    ],
    fiAssetClasses: [{ assetClass: 'House growth', percent: decimal(10_000n, 2) }],
    fiAttributes: [{ name: 'desk', value: 'retail' }],
    taxLots: taxLots(held, units, price),
    digitalUnits: digital ? `${scaledText(units, 4)}12345678` : undefined,
    ...securityOf(held, units, price, day),
  }
}

function taxLots(held: Security, units: bigint, price: bigint): JsonObject[] {
  const half = units / 2n
  return [half, units - half].map((quantity, number) => ({
    originalPurchaseDate: number === 0 ? '2019-06-14' : '2022-02-10',
    quantity: decimal(quantity, 4),
    purchasedPrice: money(held.price),
    costBasis: money(share(quantity * held.price, 1n, 10_000n)),
    currentValue: money(share(quantity * price, 1n, 10_000n)),
    positionType: 'LONG',
  }))
}

/** The one security of a holding under its v4/v5 key; v6 puts the same into `security`. */
function securityOf(held: Security, units: bigint, price: bigint, day: Day): JsonObject {
  const yieldOf = { yield: decimal(185n, 2), yieldAsOfDate: dayText(day) }
  const reinvest = {
    unitsStreet: decimal(units, 4),
    unitsUser: decimal(0n, 4),
    reinvestDividends: true,
  }
  switch (held.securityType) {
    case 'STOCK':
      return { stockSecurity: { ...reinvest, stockType: 'COMMON', ...yieldOf } }
    case 'MUTUALFUND':
      return {
        mutualFundSecurity: {
          mutualFundType: 'OPENEND',
          ...reinvest,
          reinvestCapitalGains: false,
          ...yieldOf,
        },
      }
    case 'BOND':
      return {
        debtSecurity: {
          parValue: money(100_000n),
          debtType: 'COUPON',
          debtClass: 'MUNICIPAL',
          couponRate: decimal(320n, 2),
          couponDate: '2027-03-15',
          couponMatureFrequency: 'SEMIANNUAL',
          callPrice: exact('101.5'),
          yieldToCall: decimal(341n, 2),
          callDate: '2029-03-15',
          callType: 'CALL',
          yieldToMaturity: decimal(3_375n, 3),
          bondMaturityDate: '2032-03-15',
        },
      }
    case 'OPTION':
      return {
        optionSecurity: {
          secured: 'COVERED',
          optionType: 'CALL',
          strikePrice: money(24_000n),
          expireDate: '2027-06-18',
          sharesPerContract: decimal(100n, 0),
        },
      }
    case 'SWEEP':
      return {
        sweepSecurity: {
          currentBalance: money(share(units * price, 1n, 10_000n)),
          availableBalance: money(share(units * price, 1n, 10_000n)),
          balanceAsOf: `${dayText(day)}T06:00:00Z`,
          checks: false,
        },
      }
    default:
      return { otherSecurity: { typeDescription: held.name } }
  }
}
