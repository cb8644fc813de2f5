import { currency } from './account-common.ts'
import { type Child, type Field, field, type Table } from './field.ts'
import { holding, security, source401k } from './holdings.ts'
import {
  assetClasses,
  frequencies,
  loanFrequencies,
  positionTypes,
  subAccounts,
  unitTypes,
} from './words.ts'

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

/** The file of `sql/schema/` that brings what of the nested entities was JSON at first. */
export const nested = '0021_nested_entities'

const scheduledPayment: readonly Field[] = [
  field('amount', 'money', 'Amount of the payment.'),
  field('date', 'date', 'Day of the payment.'),
  field('type', 'text', 'What is paid, such as the minimum or all.', { pii: 'none' }),
  field('payToPrincipal', 'boolean', 'The payment goes to the principal.'),
]

const commercialBalance: readonly Field[] = [
  field('commercialCode.type', 'text', 'Code list, such as BTRS.', { pii: 'none' }),
  field('commercialCode.code', 'text', 'Treasury code of the balance.', { pii: 'none' }),
  field('amount', 'money', 'The balance.'),
  field('memo', 'text', 'Memo.'),
]

const fundingSource: readonly Field[] = [
  field('accountId', 'id', 'Account that covers overdrafts.', { column: 'funding_account_id' }),
  field('accountNumberDisplay', 'text', 'Its number as shown to the customer.', { pii: 'direct' }),
  field('accountType', 'text', 'Its type; kept as sent.', { pii: 'none' }),
  field('institutionName', 'text', 'Institution that holds it.', { pii: 'none' }),
]

const address: readonly Field[] = [
  field('type', 'text', 'BUSINESS, DELIVERY, HOME or MAILING.', { pii: 'none' }),
  field('line1', 'text', 'First line.', { pii: 'direct' }),
  field('line2', 'text', 'Second line.', { pii: 'direct' }),
  field('line3', 'text', 'Third line.', { pii: 'direct' }),
  field('city', 'text', 'City.', { pii: 'direct' }),
  field('region', 'text', 'Region; called state until 5.x.', { was: ['state'] }),
  field('postalCode', 'text', 'Postal code; leading zeros matter.', { pii: 'direct' }),
  field('country', 'text', 'ISO 3166 code of the country.'),
  field('primary', 'boolean', 'The main one.', {
    since: '6.3',
    column: 'is_primary',
    pii: 'none',
  }),
]

const telephone: readonly Field[] = [
  field('type', 'text', 'Purpose, such as HOME, BUSINESS or CELL.', {
    was: ['purpose'],
    pii: 'none',
  }),
  field('country', 'text', 'Calling code of the country.', { pii: 'none' }),
  field('number', 'text', 'The number.', { pii: 'direct' }),
  field('network', 'text', 'CELLULAR, LANDLINE, PAGER, SATELLITE or VOIP.', {
    since: '6.3',
    pii: 'none',
  }),
  field('primary', 'boolean', 'The main one.', {
    since: '6.3',
    column: 'is_primary',
    pii: 'none',
  }),
]

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
        { name: 'securityIds', table: 'holding_security_ids' },
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
  child(
    'holding_security_ids',
    'Every id of the security of a holding (6.0 and later).',
    [
      field('id', 'id', 'Id of the security.', { column: 'security_id', pii: 'none' }),
      field('idType', 'text', 'List the id is of, such as CUSIP.', {
        column: 'security_id_type',
        pii: 'none',
      }),
    ],
    { key: ['account_id', 'parent_ordinal', 'ordinal'], added: nested },
  ),
  child('open_orders', 'Open orders of investment accounts.', openOrder),
  child('contributions', 'Contributions to retirement accounts.', contribution),
  child('vesting', 'Vesting of retirement accounts.', vesting),
  child('investment_loans', 'Loans from investment accounts.', investmentLoan),
  child('investment_balances', 'Further balances of investment accounts.', investmentBalance),
  child('pension_sources', 'Sources of pensions.', pensionSource),
  child('bills', 'Bills of insurance policies and, from 6.4, of credit lines.', bills),
  child('scheduled_payments', 'Payments to come of credit lines (6.4).', scheduledPayment, {
    added: nested,
  }),
  child(
    'commercial_balances',
    'Balances of commercial accounts by treasury code.',
    commercialBalance,
    {
      added: nested,
    },
  ),
  child('overdraft_funding_sources', 'Accounts that cover overdrafts (6.4).', fundingSource, {
    added: nested,
  }),
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

const ofPerson = {
  key: ['account_id', 'customer_id', 'list', 'parent_ordinal', 'ordinal'],
  added: nested,
} as const

/** Lists inside customers, contact data and holders. */
export const contactTables: Table[] = [
  child('addresses', 'Addresses of customers, accounts and their holders.', address, ofPerson),
  child('telephones', 'Telephones of customers, accounts and their holders.', telephone, ofPerson),
]

/** Where those lists stand: in a customer, in an account’s contact data, or in one of its holders. */
export const contactLists = (list: 'customer' | 'contact' | 'holder'): Child[] => [
  { name: 'addresses', table: 'addresses', list },
  { name: 'telephones', table: 'telephones', list },
]
