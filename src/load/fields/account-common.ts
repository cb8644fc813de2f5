import { type Field, field } from './field.ts'
import { accountStatuses, balanceTypes, billPayStatuses, rateTypes } from './words.ts'

/** CurrencyReference: on accounts, holdings and balances. */
export const currency: readonly Field[] = [
  field('currency.currencyCode', 'text', 'ISO 4217 code of the amounts.', {
    column: 'currency',
    bare: true,
    pii: 'none',
  }),
  field('currency.currencyRate', 'rate', 'Rate from the original to the converted currency.', {
    column: 'currency_rate',
    pii: 'none',
  }),
  field('currency.originalCurrencyCode', 'text', 'ISO 4217 code before conversion.', {
    column: 'original_currency',
    pii: 'none',
  }),
]

/** AccountDescriptor and Account: what every kind of account has. */
export const commonFields: readonly Field[] = [
  field('accountCategory', 'text', 'Kind of account as sent.', { since: '5.2', pii: 'none' }),
  field('accountType', 'text', 'Type of account, such as CHECKING; kept as sent.', { pii: 'none' }),
  field('accountNumber', 'text', 'Account number in full.', { pii: 'direct' }),
  field(
    'accountNumberDisplay',
    'text',
    'Account number as shown to the customer; some providers send it in full.',
    { pii: 'direct' },
  ),
  field('productId', 'id', 'Product, as the provider identifies it.', {
    since: '6.4',
    pii: 'none',
  }),
  field('productName', 'text', 'Name of the product.', { pii: 'none' }),
  field('nickname', 'text', 'Name the customer gave the account.', { pii: 'direct' }),
  field('status', 'text', 'Status of the account; kept as sent.', {
    values: accountStatuses,
    pii: 'none',
  }),
  field('description', 'text', 'Description of the account.'),
  field('accountOpenDate', 'date', 'Day the account was opened.', { since: '6.0' }),
  field('accountCloseDate', 'date', 'Day the account was closed.', {
    since: '6.0',
    was: ['accountClosedDate'],
  }),
  ...currency,
  field('error.code', 'text', 'Error code of the provider: this account could not be read.', {
    pii: 'none',
  }),
  field('error.message', 'text', 'Error message of the provider.', { pii: 'none' }),
  field('error.debugMessage', 'text', 'Error details of the provider.', { pii: 'none' }),
  field('parentAccountId', 'id', 'Account that this one belongs to.'),
  field('lineOfBusiness', 'text', 'Line of business.', {
    was: ['lineOfBusinessType'],
    pii: 'none',
  }),
  field('routingTransitNumber', 'text', 'Routing or transit number; leading zeros matter.', {
    pii: 'none',
  }),
  field(
    'balanceType',
    'text',
    'ASSET: a positive amount raises the balance; LIABILITY: it lowers it.',
    { values: balanceTypes, pii: 'none' },
  ),
  field('contact', 'json', 'Holders, addresses and telephones as sent.', { pii: 'direct' }),
  field('interestRate', 'rate', 'Interest rate as sent: mostly percent; no unit is declared.'),
  field('interestRateType', 'text', 'FIXED, VARIABLE or INDEXED.', {
    values: rateTypes,
    pii: 'none',
  }),
  field('interestRateAsOf', 'instant', 'When the interest rate was set.', { pii: 'none' }),
  field('priorInterestRate', 'rate', 'Interest rate before.'),
  field('interestRateIndex', 'text', 'Index the rate follows.', { since: '6.0', pii: 'none' }),
  field('earlyPenaltyFlag', 'boolean', 'Early withdrawal or payment costs a penalty.', {
    since: '6.0',
  }),
  field('transferIn', 'boolean', 'Transfers into the account are allowed.', { pii: 'none' }),
  field('transferOut', 'boolean', 'Transfers out of the account are allowed.', { pii: 'none' }),
  field('billPayStatus', 'text', 'Whether bills can be paid from the account.', {
    since: '5.0',
    values: billPayStatuses,
    pii: 'none',
  }),
  field('micrNumber', 'text', 'MICR number.', { pii: 'direct' }),
  field('lastActivityDate', 'date', 'Day of the last activity.'),
  field('rewardProgramId', 'id', 'Reward program, as the provider identifies it.', { pii: 'none' }),
  field('transactionsIncluded', 'boolean', 'The account carries all its transactions.', {
    pii: 'none',
  }),
  field('domicile.region', 'text', 'Region whose law governs the account.', { pii: 'none' }),
  field('domicile.country', 'text', 'Country whose law governs the account.', { pii: 'none' }),
  field('bankInstitutionId', 'text', 'Institution number (Canada); leading zeros matter.', {
    since: '6.4',
    pii: 'none',
  }),
  field('bankTransitId', 'text', 'Transit number (Canada); leading zeros matter.', {
    since: '6.4',
    pii: 'none',
  }),
  field('links', 'json', 'Links as sent.', { pii: 'none' }),
]
