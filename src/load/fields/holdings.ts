import { currency } from './account-common.ts'
import { type Field, field, inside } from './field.ts'
import { holdingTypes, positionTypes, securityIdTypes, sources401k, subAccounts } from './words.ts'

const securities: readonly Field[] = [
  ...inside('debtSecurity', 'debt', [
    field('parValue', 'money', 'Par value.'),
    field('debtType', 'text', 'COUPON or ZERO.', {
      column: 'type',
      values: ['COUPON', 'ZERO'],
      pii: 'none',
    }),
    field('debtClass', 'text', 'Class of the debt.', {
      column: 'class',
      values: ['CORPORATE', 'MUNICIPAL', 'OTHER', 'TREASURY'],
      pii: 'none',
    }),
    field('couponRate', 'rate', 'Coupon rate as sent.'),
    field('couponDate', 'date', 'Day of the next coupon.'),
    field('couponMatureFrequency', 'text', 'How often coupons are paid.', {
      values: ['ANNUAL', 'MONTHLY', 'OTHER', 'QUARTERLY', 'SEMIANNUAL'],
      pii: 'none',
    }),
    field('callPrice', 'money', 'Price at which the bond can be called.'),
    field('yieldToCall', 'rate', 'Yield to the next call.'),
    field('callDate', 'date', 'Day of the next call.'),
    field('callType', 'text', 'Type of the next call.', {
      values: ['CALL', 'MATURITY', 'PREFUND', 'PUT'],
      pii: 'none',
    }),
    field('yieldToMaturity', 'rate', 'Yield to maturity.'),
    field('bondMaturityDate', 'date', 'Day the bond matures.'),
  ]),
  ...inside('mutualFundSecurity', 'mutual_fund', [
    field('mutualFundType', 'text', 'CLOSEEND, OPENEND or OTHER.', {
      column: 'type',
      values: ['CLOSEEND', 'OPENEND', 'OTHER'],
      pii: 'none',
    }),
    field('unitsStreet', 'quantity', 'Units held in street name.'),
    field('unitsUser', 'quantity', 'Units held by the customer.'),
    field('reinvestDividends', 'boolean', 'Dividends are reinvested.'),
    field('reinvestCapitalGains', 'boolean', 'Capital gains are reinvested.'),
    field('yield', 'rate', 'Yield as sent.'),
    field('yieldAsOfDate', 'date', 'Day of the yield.'),
  ]),
  ...inside('optionSecurity', 'option', [
    field('secured', 'text', 'COVERED or NAKED.', { values: ['COVERED', 'NAKED'], pii: 'none' }),
    field('optionType', 'text', 'CALL or PUT.', {
      column: 'type',
      values: ['CALL', 'PUT'],
      pii: 'none',
    }),
    field('strikePrice', 'money', 'Strike price.'),
    field('expireDate', 'date', 'Day the option expires.'),
    field('sharesPerContract', 'quantity', 'Shares a contract.'),
  ]),
  ...inside('otherSecurity', 'other', [
    field('typeDescription', 'text', 'What the security is.', { pii: 'none' }),
  ]),
  ...inside('stockSecurity', 'stock', [
    field('unitsStreet', 'quantity', 'Units held in street name.'),
    field('unitsUser', 'quantity', 'Units held by the customer.'),
    field('reinvestDividends', 'boolean', 'Dividends are reinvested.'),
    field('stockType', 'text', 'COMMON, CONVERTIBLE, OTHER or PREFERRED.', {
      column: 'type',
      values: ['COMMON', 'CONVERTIBLE', 'OTHER', 'PREFERRED'],
      pii: 'none',
    }),
    field('yield', 'rate', 'Yield as sent.'),
    field('yieldAsOfDate', 'date', 'Day of the yield.'),
  ]),
  ...inside('sweepSecurity', 'sweep', [
    field('currentBalance', 'money', 'Balance of the sweep fund.'),
    field('availableBalance', 'money', 'Balance of the sweep fund that can be used.'),
    field('balanceAsOf', 'instant', 'When the balance was true.'),
    field('checks', 'boolean', 'Checks can be written on the fund.'),
  ]),
]

export const security: readonly Field[] = [
  field('securityId', 'id', 'Security; the first of securityIds from 6.0.', {
    was: ['securityIds[0].id'],
    pii: 'none',
  }),
  field('securityIdType', 'text', 'Scheme of the security id.', {
    was: ['securityIds[0].idType'],
    values: securityIdTypes,
    pii: 'none',
  }),
]
export const source401k = field('inv401kSource', 'text', 'Source of the money in a 401(k).', {
  column: 'inv_401k_source',
  values: sources401k,
  pii: 'none',
})

export const holding: readonly Field[] = [
  field('holdingId', 'id', 'Holding, as the provider identifies it.'),
  ...security,
  field('securityIds', 'json', 'All ids of the security, as sent.', { since: '6.0', pii: 'none' }),
  field('holdingName', 'text', 'Name of the holding.', { pii: 'none' }),
  field('holdingType', 'text', 'Type of the holding.', { values: holdingTypes, pii: 'none' }),
  field('holdingSubType', 'text', 'CASH or MONEYMARKET.', {
    values: ['CASH', 'MONEYMARKET'],
    pii: 'none',
  }),
  field('positionType', 'text', 'LONG or SHORT.', { values: positionTypes, pii: 'none' }),
  field('heldInAccount', 'text', 'Sub-account it is held in.', {
    values: subAccounts,
    pii: 'none',
  }),
  field('description', 'text', 'Description of the holding.', { pii: 'none' }),
  field('symbol', 'text', 'Ticker symbol.', { pii: 'none' }),
  field('originalPurchaseDate', 'date', 'Day of the first purchase.'),
  field('purchasedPrice', 'quantity', 'Price of a unit at purchase.'),
  field('currentAmortizationFactor', 'rate', 'Factor of what is left of the principal, 0 to 1.', {
    since: '6.0',
  }),
  field('currentUnitPrice', 'quantity', 'Price of a unit now.'),
  field('changeInPrice', 'quantity', 'Change of the unit price.'),
  field('currentUnitPriceDate', 'date', 'Day of the unit price.', { pii: 'none' }),
  field('units', 'quantity', 'Units held.'),
  field('marketValue', 'money', 'Value now.'),
  field('faceValue', 'money', 'Face value.'),
  field('averageCost', 'boolean', 'The cost is an average of all purchases.'),
  field('cashAccount', 'boolean', 'The holding is the cash of the account.'),
  field('rate', 'rate', 'Rate of a certificate or bond.'),
  field('expirationDate', 'date', 'Day a certificate or bond expires.'),
  source401k,
  ...currency,
  field('digitalUnits', 'text', 'Units of a digital asset with every digit, as text.'),
  field('security.securityCategory', 'text', 'Kind of the security (6.0 and later).', {
    since: '6.0',
    column: 'security_category',
    pii: 'none',
    values: [
      'DEBT_SECURITY',
      'MUTUAL_FUND_SECURITY',
      'OPTION_SECURITY',
      'OTHER_SECURITY',
      'STOCK_SECURITY',
      'SWEEP_SECURITY',
    ],
  }),
  field('security', 'json', 'The security as sent (6.0 and later).', { since: '6.0', pii: 'none' }),
  ...securities,
]

/** Securities of 6.0 and later stand in `security` and say their kind in `securityCategory`. */
export const securityCategories: Readonly<Record<string, string>> = {
  debtSecurity: 'DEBT_SECURITY',
  mutualFundSecurity: 'MUTUAL_FUND_SECURITY',
  optionSecurity: 'OPTION_SECURITY',
  otherSecurity: 'OTHER_SECURITY',
  stockSecurity: 'STOCK_SECURITY',
  sweepSecurity: 'SWEEP_SECURITY',
}
