import { currency } from './accounts.ts'
import { type Field, field, inside, type Table } from './field.ts'
import {
  assetClasses,
  frequencies,
  holdingTypes,
  loanFrequencies,
  positionTypes,
  securityIdTypes,
  sources401k,
  subAccounts,
  unitTypes,
} from './words.ts'

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

const security: readonly Field[] = [
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
const source401k = field('inv401kSource', 'text', 'Source of the money in a 401(k).', {
  column: 'inv_401k_source',
  values: sources401k,
  pii: 'none',
})

const holding: readonly Field[] = [
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

const bills: readonly Field[] = [
  field('totalPaymentDue', 'money', 'Amount due in all.'),
  field('minimumPaymentDue', 'money', 'Least amount that must be paid.'),
  field('dueDate', 'date', 'Day the payment is due.'),
  field('autoPayEnabled', 'boolean', 'The bill is paid by itself.'),
  field('autoPayAmount', 'money', 'Amount that is paid by itself.'),
  field('autoPayDate', 'date', 'Day it is paid by itself.'),
  field('pastDueAmount', 'money', 'Amount past due; negative when the customer owes.'),
  field('lastPaymentAmount', 'money', 'Amount of the last payment.'),
  field('lastPaymentDate', 'date', 'Day of the last payment.'),
  field('statementBalance', 'money', 'Balance of the statement; negative when the customer owes.'),
  field('statementDate', 'date', 'Day of the statement.'),
]

const contribution: readonly Field[] = [
  ...security.map((one) => ({ ...one, was: [] })),
  field('employerMatchPercentage', 'rate', 'Match by the employer, in percent.'),
  field('employerMatchAmount', 'money', 'Match by the employer.'),
  field('employeePreTaxAmount', 'money', 'Contribution before tax.'),
  field('employeePreTaxPercentage', 'rate', 'Contribution before tax, in percent.'),
  field('employeeAfterTaxAmount', 'money', 'Contribution after tax.'),
  field('employeeAfterTaxPercentage', 'rate', 'Contribution after tax, in percent.'),
  field('employeeDeferPreTaxAmount', 'money', 'Deferred contribution before tax.'),
  field('employeeDeferPreTaxPercentage', 'rate', 'Deferred contribution before tax, in percent.'),
  field('employeeYearToDate', 'money', 'Contribution of the employee this year.'),
  field('employerYearToDate', 'money', 'Contribution of the employer this year.'),
  field('rolloverContributionPercentage', 'rate', 'Rollover, in percent.'),
  field('rolloverContributionAmount', 'money', 'Rollover.'),
]

const openOrder: readonly Field[] = [
  field('orderId', 'id', 'Order, as the provider identifies it.'),
  ...security.map((one) => ({ ...one, was: [] })),
  field('symbol', 'text', 'Ticker symbol.', { pii: 'none' }),
  field('description', 'text', 'Description of the order.'),
  field('units', 'quantity', 'Units.'),
  field('orderType', 'text', 'Kind of order.', {
    pii: 'none',
    values: [
      'BUY',
      'BUYTOCOVER',
      'BUYTOOPEN',
      'SELL',
      'SELLCLOSE',
      'SELLSHORT',
      'SELLTOCOVER',
      'SELLTOOPEN',
    ],
  }),
  field('orderDate', 'date', 'Day of the order.'),
  field('unitPrice', 'quantity', 'Price of a unit.'),
  field('unitType', 'text', 'SHARES or CURRENCY.', { values: unitTypes, pii: 'none' }),
  field('orderDuration', 'text', 'How long the order stands.', {
    values: ['DAY', 'GOODTILLCANCEL', 'IMMEDIATE'],
    pii: 'none',
  }),
  field('subAccount', 'text', 'Sub-account.', { values: subAccounts, pii: 'none' }),
  field('limitPrice', 'quantity', 'Limit price.'),
  field('stopPrice', 'quantity', 'Stop price.'),
  source401k,
]

const vesting: readonly Field[] = [
  field('vestingDate', 'date', 'Day of vesting.'),
  field('symbol', 'text', 'Ticker symbol.', { pii: 'none' }),
  field('strikePrice', 'money', 'Strike price.'),
  field('vestingPercentage', 'rate', 'Part that is vested, in percent.'),
  field('otherVestAmount', 'money', 'Other vested amount.'),
  field('otherVestPercentage', 'rate', 'Other vested part, in percent.'),
  field('vestedBalance', 'money', 'Balance that is vested.'),
  field('unVestedBalance', 'money', 'Balance that is not vested.', { column: 'unvested_balance' }),
  field('vestedQuantity', 'quantity', 'Units that are vested.'),
  field('unVestedQuantity', 'quantity', 'Units that are not vested.', {
    column: 'unvested_quantity',
  }),
]

const investmentLoan: readonly Field[] = [
  field('loanId', 'id', 'Loan, as the provider identifies it.'),
  field('loanDescription', 'text', 'Description of the loan.'),
  field('initialLoanBalance', 'money', 'Balance at the start.'),
  field('loanStartDate', 'date', 'Day the loan started.'),
  field('currentLoanBalance', 'money', 'Balance now.'),
  field('dateAsOf', 'instant', 'When the balance was true.'),
  field('loanRate', 'rate', 'Rate as sent.'),
  field('loanPaymentAmount', 'money', 'Amount of a payment.'),
  field('loanPaymentFrequency', 'text', 'How often payments are due.', {
    values: loanFrequencies,
    pii: 'none',
  }),
  field('loanPaymentInitial', 'money', 'Amount of the first payment.'),
  field('loanPaymentsRemaining', 'integer', 'Number of payments left.'),
  field('loanMaturityDate', 'date', 'Day the loan ends.'),
  field('loanInterestToDate', 'money', 'Interest paid so far.'),
  field('loanTotalProjectedInterest', 'money', 'Interest over the whole term.'),
  field('loanNextPaymentDate', 'date', 'Day of the next payment.'),
]

const investmentBalance: readonly Field[] = [
  field('balanceName', 'text', 'Name of the balance.', { pii: 'none' }),
  field('balanceDescription', 'text', 'What the balance is.', { pii: 'none' }),
  field('balanceType', 'text', 'AMOUNT or PERCENTAGE.', {
    values: ['AMOUNT', 'PERCENTAGE'],
    pii: 'none',
  }),
  field('balanceValue', 'quantity', 'Value of the balance.'),
  field('balanceDate', 'date', 'Day of the balance.'),
  ...currency,
]

const pensionSource: readonly Field[] = [
  field('displayName', 'text', 'Name of the source.'),
  field('amount', 'money', 'Amount of one payment.'),
  field('paymentOption', 'text', 'Form of payment.', { pii: 'none' }),
  field('asOfDate', 'date', 'Day the amount was true.'),
  field('frequency', 'text', 'How often it is paid.', { values: frequencies, pii: 'none' }),
  field('startDate', 'date', 'Day of the first payment.'),
]

const child = (
  name: string,
  comment: string,
  fields: readonly Field[],
  more: Partial<Table> = {},
): Table => ({
  schema: 'fdx',
  name,
  comment,
  fields,
  key: ['account_id', 'ordinal'],
  children: [],
  elsewhere: [],
  ...more,
})

/** Lists inside accounts and transactions; each is replaced with the record that holds it. Parents first. */
export const childTables: Table[] = [
  child(
    'holdings',
    'Holdings of investment accounts; the columns of their security begin with its kind.',
    holding,
    {
      children: [
        { name: 'taxLots', table: 'tax_lots' },
        { name: 'assetClasses', table: 'holding_asset_classes', list: 'assetClasses' },
        { name: 'fiAssetClasses', table: 'holding_asset_classes', list: 'fiAssetClasses' },
        { name: 'fiAttributes', table: 'fi_attributes', list: 'holding' },
      ],
    },
  ),
  child(
    'tax_lots',
    'Tax lots of holdings.',
    [
      field('originalPurchaseDate', 'date', 'Day of purchase.'),
      field('quantity', 'quantity', 'Units bought.'),
      field('purchasedPrice', 'quantity', 'Price of a unit at purchase.'),
      field('costBasis', 'money', 'Cost of the lot.'),
      field('currentValue', 'money', 'Value of the lot now.'),
      field('positionType', 'text', 'LONG or SHORT.', { values: positionTypes, pii: 'none' }),
    ],
    { key: ['account_id', 'parent_ordinal', 'ordinal'] },
  ),
  child(
    'holding_asset_classes',
    'Asset classes of holdings, by FDX and in the provider’s own words.',
    [
      field('assetClass', 'text', 'Asset class.', { pii: 'none', values: assetClasses }),
      field('percent', 'rate', 'Part of the holding, in percent.'),
    ],
    { key: ['account_id', 'parent_ordinal', 'list', 'ordinal'] },
  ),
  child('open_orders', 'Open orders of investment accounts.', openOrder),
  child('contributions', 'Contributions to retirement accounts.', contribution),
  child('vesting', 'Vesting of retirement accounts.', vesting),
  child('investment_loans', 'Loans from investment accounts.', investmentLoan),
  child('investment_balances', 'Further balances of investment accounts.', investmentBalance),
  child('pension_sources', 'Sources of pensions.', pensionSource),
  child('bills', 'Bills of insurance policies and, from 6.4, of credit lines.', bills),
  child(
    'transaction_line_items',
    'Line items of transactions.',
    [
      field('description', 'text', 'Description of the item.'),
      field('amount', 'money', 'Amount of the item.'),
      field('checkNumber', 'text', 'Number of the check.'),
      field('memo', 'text', 'Memo.'),
      field('reference', 'text', 'Reference.'),
      field('imageIds', 'json', 'Images of the item, as sent.'),
      field('links', 'json', 'Links as sent.', { pii: 'none' }),
    ],
    { key: ['account_id', 'transaction_id', 'transaction_ordinal', 'ordinal'] },
  ),
  child(
    'fi_attributes',
    'Attributes that providers add to accounts, holdings and transactions.',
    [
      field('name', 'text', 'Name of the attribute.', { pii: 'none' }),
      field('value', 'text', 'Value of the attribute.'),
    ],
    {
      key: [
        'account_id',
        'transaction_id',
        'transaction_ordinal',
        'list',
        'parent_ordinal',
        'ordinal',
      ],
    },
  ),
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
