import { type Field, field, type Table } from './field.ts'
import {
  debitCredit,
  depositTransactionTypes,
  insuranceTransactionTypes,
  investmentTransactionTypes,
  loanTransactionTypes,
  locTransactionTypes,
  positionTypes,
  securityIdTypes,
  securityTypes,
  sources401k,
  subAccounts,
  transactionStatuses,
  unitTypes,
} from './words.ts'

/** Transaction: what every kind has. */
const common: readonly Field[] = [
  field('accountCategory', 'text', 'Kind of account as sent.', { since: '6.0', pii: 'none' }),
  field(
    'referenceTransactionId',
    'id',
    'Transaction that this one reverses, or the authorisation that it settles.',
  ),
  field('postedTimestamp', 'instant', 'When it was posted; absent while pending.', {
    column: 'posted_at',
  }),
  field('transactionTimestamp', 'instant', 'When it happened.', { column: 'transacted_at' }),
  field('description', 'text', 'Description by the provider.'),
  field('memo', 'text', 'Memo.'),
  field('debitCreditMemo', 'text', 'DEBIT, CREDIT or MEMO: the direction, as sent.', {
    values: debitCredit,
    pii: 'none',
  }),
  field('category', 'text', 'Category, preferably MCC or SIC.'),
  field('subCategory', 'text', 'Category in more detail.'),
  field('reference', 'text', 'Reference of the provider.'),
  field('status', 'text', 'PENDING, POSTED, AUTHORIZATION or MEMO; kept as sent.', {
    values: transactionStatuses,
    pii: 'none',
  }),
  field(
    'amount',
    'money',
    'Amount as sent; the direction is in debit_credit_memo, or in the sign.',
  ),
  field('foreignAmount', 'money', 'Amount in the foreign currency.'),
  field('foreignCurrency', 'text', 'ISO 4217 code of the foreign amount.', { pii: 'none' }),
  field('imageIds', 'json', 'Images of the transaction, as sent.'),
  field('reward.categoryId', 'id', 'Reward category.', { pii: 'none' }),
  field('reward.accrued', 'quantity', 'Reward units accrued.'),
  field('reward.adjusted', 'quantity', 'Reward units adjusted.'),
  field('links', 'json', 'Links as sent.', { pii: 'none' }),
  field('cardNumberDisplay', 'text', 'Card number as shown to the customer.', {
    since: '6.3',
    pii: 'direct',
  }),
  field('transactionPayee.merchantName', 'text', 'Merchant.', { since: '6.4' }),
  field('transactionPayee.merchantId', 'id', 'Merchant, as identified by the provider.', {
    since: '6.4',
  }),
  field('transactionPayee.individualName', 'text', 'Person who was paid.', {
    since: '6.4',
    pii: 'direct',
  }),
  field('transactionPayee.address', 'json', 'Address of the payee, as sent.', {
    since: '6.4',
    pii: 'direct',
  }),
  field('transactionPayee.phone', 'json', 'Telephone of the payee, as sent.', {
    since: '6.4',
    pii: 'direct',
  }),
]

const transactionType = (values?: readonly string[]) =>
  field(
    'transactionType',
    'text',
    'Type of transaction; kept as sent.',
    values ? { values, pii: 'none' } : { pii: 'none' },
  )
const payee = field('payee', 'text', 'Who was paid.')
const checkNumber = field('checkNumber', 'text', 'Number of the check.')

const paymentDetails: readonly Field[] = [
  field('paymentDetails.principalAmount', 'money', 'Part that pays principal.'),
  field('paymentDetails.interestAmount', 'money', 'Part that pays interest.'),
  field('paymentDetails.insuranceAmount', 'money', 'Part that pays insurance.'),
  field('paymentDetails.escrowAmount', 'money', 'Part that goes to escrow.'),
  field('paymentDetails.pmiAmount', 'money', 'Part that pays mortgage insurance.'),
  field('paymentDetails.feesAmount', 'money', 'Part that pays fees.'),
]

const investment: readonly Field[] = [
  transactionType(investmentTransactionTypes),
  field('shares', 'quantity', 'Shares; negative when securities leave.'),
  field('faceValue', 'money', 'Face value.'),
  field('price', 'quantity', 'Unit purchase price; some providers send a total.'),
  field('securityId', 'id', 'Security.', { pii: 'none' }),
  field('securityIdType', 'text', 'Scheme of the security id.', {
    values: securityIdTypes,
    pii: 'none',
  }),
  field('securityType', 'text', 'Type of the security.', { values: securityTypes, pii: 'none' }),
  field('symbol', 'text', 'Ticker symbol.', { pii: 'none' }),
  field('markup', 'money', 'Part of the unit price that is markup.'),
  field('commission', 'money', 'Commission.'),
  field('taxes', 'money', 'Taxes.'),
  field('fees', 'money', 'Fees.'),
  field('load', 'money', 'Load.'),
  field('inv401kSource', 'text', 'Source of the money in a 401(k).', {
    column: 'inv_401k_source',
    values: sources401k,
    pii: 'none',
  }),
  field('confirmationNumber', 'text', 'Confirmation number.'),
  field('fractionalCash', 'money', 'Cash for fractional shares.'),
  field('incomeType', 'text', 'CGLONG, CGSHORT or MISC.', {
    values: ['CGLONG', 'CGSHORT', 'MISC'],
    pii: 'none',
  }),
  field('oldUnits', 'quantity', 'Units before a split.'),
  field('splitRatioNumerator', 'quantity', 'Numerator of the split.'),
  field('splitRatioDenominator', 'quantity', 'Denominator of the split.'),
  field('newUnits', 'quantity', 'Units after a split.'),
  field('subAccountSec', 'text', 'Sub-account of the security.', {
    values: subAccounts,
    pii: 'none',
  }),
  field('subAccountFund', 'text', 'Sub-account of the money.', {
    values: subAccounts,
    pii: 'none',
  }),
  field('loanId', 'id', 'Loan this belongs to.'),
  field('loanPrincipal', 'money', 'Part that pays loan principal.'),
  field('loanInterest', 'money', 'Part that pays loan interest.'),
  field('payrollDate', 'date', 'Payroll this contribution belongs to.'),
  field('priorYearContrib', 'boolean', 'Contribution for the year before.'),
  field('withholding', 'money', 'Federal tax withheld.'),
  field('taxExempt', 'boolean', 'The transaction is tax exempt.'),
  field('gain', 'money', 'Gain.'),
  field('stateWithholding', 'money', 'State tax withheld.'),
  field('penalty', 'money', 'Penalty.'),
  field('runningBalance', 'money', 'Balance after the transaction.'),
  field('unitPrice', 'quantity', 'Price of a unit; bonds: percent of par; options: per share.'),
  field('units', 'quantity', 'Units; negative when securities leave.'),
  field('unitType', 'text', 'SHARES or CURRENCY.', { values: unitTypes, pii: 'none' }),
  field('transactionReason', 'text', 'CALL, MATURITY or SELL.', {
    values: ['CALL', 'MATURITY', 'SELL'],
    pii: 'none',
  }),
  field('accruedInterest', 'money', 'Accrued interest.'),
  field('transferAction', 'text', 'IN or OUT.', { values: ['IN', 'OUT'], pii: 'none' }),
  field('positionType', 'text', 'LONG or SHORT.', { values: positionTypes, pii: 'none' }),
  field('digitalUnits', 'text', 'Units of a digital asset with every digit, as text.'),
  field('settlementTimestamp', 'instant', 'When it settled.', { column: 'settled_at' }),
]

const commercial: readonly Field[] = [
  transactionType(),
  field('immediateAvailableBalance', 'money', 'Available at once.'),
  field('nextDayAvailableBalance', 'money', 'Available the next day.'),
  field('twoDaysPlusAvailableBalance', 'money', 'Available in two days or more.'),
  field('referenceBankId', 'id', 'Bank, as the provider identifies it.', { pii: 'none' }),
  field('referenceBranchId', 'id', 'Branch, as the provider identifies it.', { pii: 'none' }),
  field('referenceCustomerId', 'id', 'Customer, as the provider identifies it.'),
  field('commercialCode.type', 'text', 'Scheme of the treasury code.', {
    values: ['BAI', 'BTRS', 'ISO', 'SWIFT'],
    pii: 'none',
  }),
  field('commercialCode.code', 'text', 'Treasury code.', { pii: 'none' }),
]

const own: Record<string, [comment: string, fields: readonly Field[]]> = {
  deposit_transactions: [
    'Transactions of deposit accounts.',
    [transactionType(depositTransactionTypes), payee, checkNumber],
  ],
  loan_transactions: [
    'Transactions of loans.',
    [transactionType(loanTransactionTypes), ...paymentDetails],
  ],
  loc_transactions: [
    'Transactions of credit cards and other lines of credit.',
    [transactionType(locTransactionTypes), checkNumber, ...paymentDetails],
  ],
  investment_transactions: ['Transactions of investment accounts.', investment],
  insurance_transactions: [
    'Transactions of insurance policies.',
    [transactionType(insuranceTransactionTypes)],
  ],
  commercial_transactions: ['Transactions of commercial accounts (5.2 and later).', commercial],
  other_transactions: [
    'Transactions of a kind that is not known here; what else they hold is in extra.',
    [
      field('wrapper', 'text', 'Key that wrapped the transaction in the payload.', { pii: 'none' }),
      transactionType(),
      payee,
      checkNumber,
    ],
  ],
}

/** One table for each kind of transaction. */
export const transactionTables: Table[] = Object.entries(own).map(([name, [comment, fields]]) => ({
  schema: 'fdx',
  name,
  comment,
  key: ['account_id', 'transaction_id', 'ordinal'],
  fields: [...common, ...fields],
  children: [
    { name: 'fiAttributes', table: 'fi_attributes', list: 'transaction' },
    { name: 'lineItem', was: ['lineItems'], table: 'transaction_line_items' },
  ],
  elsewhere: ['accountId', 'transactionId'],
}))
