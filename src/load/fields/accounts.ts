import { commonFields } from './account-common.ts'
import { type Child, type Field, field, inside, type Table } from './field.ts'
import { type KindName, kinds } from './kinds.ts'
import { frequencies, policyStatuses, rateTypes } from './words.ts'

const interestRate = (name: string, column: string): Field[] =>
  inside(name, column, [
    field('rate', 'rate', 'Interest rate as sent.', { since: '6.4' }),
    field('rateAsOf', 'date', 'Day the rate was set.', { since: '6.4', pii: 'none' }),
    field('priorRate', 'rate', 'Interest rate before.', { since: '6.4' }),
    field('type', 'text', 'FIXED, VARIABLE or INDEXED.', {
      since: '6.4',
      values: rateTypes,
      pii: 'none',
    }),
    field('index', 'text', 'Index the rate follows.', { since: '6.4', pii: 'none' }),
    field('compoundingPeriod', 'text', 'How often interest is compounded.', {
      since: '6.4',
      values: frequencies,
      pii: 'none',
    }),
  ])

const deposit = [
  field('balanceAsOf', 'instant', 'When the balances were true.'),
  field('currentBalance', 'money', 'Balance of posted transactions.'),
  field('openingDayBalance', 'money', 'Balance at the start of the day.'),
  field('availableBalance', 'money', 'Balance that can be used.', { was: ['availableBalnace'] }),
  field('annualPercentageYield', 'rate', 'Annual yield as sent: mostly percent.'),
  field('interestYtd', 'money', 'Interest earned this year.'),
  field('term', 'integer', 'Term of a certificate of deposit, in months.'),
  field('maturityDate', 'date', 'Day the certificate matures.'),
  ...interestRate('earnedInterest', 'earned_interest'),
  field('underArbitration', 'boolean', 'The account is under arbitration.', { since: '6.4' }),
  field('overdraftOptIn', 'boolean', 'The customer agreed to overdraft.', { since: '6.4' }),
  field('overdrafted', 'boolean', 'The account is overdrawn.', { since: '6.4' }),
  field('overdraftProtectionFunded', 'boolean', 'Another account covers overdrafts.', {
    since: '6.4',
  }),
  field('overdraftFundingSources', 'json', 'Accounts that cover overdrafts, as sent.', {
    since: '6.4',
  }),
]

const loan = [
  field('balanceAsOf', 'instant', 'When the balances were true.'),
  field('principalBalance', 'money', 'Principal still owed; positive.'),
  field('escrowBalance', 'money', 'Balance held in escrow.'),
  field('originalPrincipal', 'money', 'Principal at the start.'),
  field('originatingDate', 'date', 'Day the loan started.'),
  field('loanTerm', 'integer', 'Term in months; some providers send years.'),
  field('totalNumberOfPayments', 'integer', 'Number of payments over the whole term.'),
  field('nextPaymentAmount', 'money', 'Amount of the next payment.'),
  field('nextPaymentDate', 'date', 'Day of the next payment.'),
  field('paymentFrequency', 'text', 'How often payments are due.', {
    values: frequencies,
    pii: 'none',
  }),
  field('compoundingPeriod', 'text', 'How often interest is compounded.', {
    values: frequencies,
    pii: 'none',
  }),
  field('payOffAmount', 'money', 'Amount that would end the loan.', { was: ['payoffAmount'] }),
  field('lastPaymentAmount', 'money', 'Amount of the last payment.'),
  field('lastPaymentDate', 'date', 'Day of the last payment.'),
  field('maturityDate', 'date', 'Day the loan ends.'),
  field('interestPaidYearToDate', 'money', 'Interest paid this year.'),
  field('currentSchool', 'text', 'School of a student loan.', { since: '6.3' }),
  field('loanProviderName', 'text', 'Lender behind the loan.', { since: '6.3', pii: 'none' }),
  ...interestRate('chargedInterest', 'charged_interest'),
  field('annualPercentageRate', 'rate', 'Annual rate as sent: mostly percent.', { since: '6.4' }),
]

const loc = [
  field('balanceAsOf', 'instant', 'When the balances were true.'),
  field('creditLine', 'money', 'Credit limit.'),
  field('availableCredit', 'money', 'Credit that can still be used.'),
  field('nextPaymentAmount', 'money', 'Amount of the next payment.'),
  field('nextPaymentDate', 'date', 'Day of the next payment.', { was: ['statementAmountDueDate'] }),
  field('principalBalance', 'money', 'Principal still owed; positive.'),
  field('currentBalance', 'money', 'Amount owed; negative when overpaid.'),
  field('minimumPaymentAmount', 'money', 'Least amount that must be paid.'),
  field('lastPaymentAmount', 'money', 'Amount of the last payment.'),
  field('lastPaymentDate', 'date', 'Day of the last payment.'),
  field('pastDueAmount', 'money', 'Amount past due.'),
  field('lastStmtBalance', 'money', 'Balance on the last statement.'),
  field('lastStmtDate', 'date', 'Day of the last statement.'),
  field('purchasesApr', 'rate', 'Annual rate of purchases as sent.'),
  field('advancesApr', 'rate', 'Annual rate of cash advances as sent.'),
  field('cashAdvanceLimit', 'money', 'Limit of cash advances.'),
  field('availableCash', 'money', 'Cash advance that can still be used.'),
  field('financeCharges', 'money', 'Finance charges.'),
  field('cardNetwork', 'text', 'Network of the card.', { pii: 'none' }),
  field('cardArt', 'json', 'Picture of the card, as sent.', { pii: 'none' }),
  field('scheduledPayments', 'json', 'Scheduled payments, as sent.', { since: '6.4' }),
  ...interestRate('chargedInterest', 'charged_interest'),
  field('cashAdvanceBalance', 'money', 'Balance of cash advances.', { since: '6.4' }),
  field('transferBalance', 'money', 'Balance of balance transfers.', { since: '6.4' }),
  field('ppilBalance', 'money', 'Balance of purchases paid in instalments.', { since: '6.4' }),
  field('ppilApr', 'rate', 'Annual rate of purchases paid in instalments.', { since: '6.4' }),
  field('balanceTransfersApr', 'rate', 'Annual rate of balance transfers.', {
    since: '6.4',
    was: ['transfersApr'],
  }),
  field('targetRateSaleApr', 'rate', 'Annual rate of target-rate sales.', { since: '6.4' }),
  field('feeSchedule', 'text', 'Schedule of fees.', { since: '6.4', pii: 'none' }),
  field('underArbitration', 'boolean', 'The account is under arbitration.', { since: '6.4' }),
]

const investment = [
  field('balanceAsOf', 'instant', 'When the balances were true.'),
  field('allowedCheckWriting', 'boolean', 'Checks can be written.'),
  field('allowedOptionTrade', 'boolean', 'Options can be traded.'),
  field('currentValue', 'money', 'Value of the account.'),
  field('availableCashBalance', 'money', 'Cash that can be used, sweep included.'),
  field('margin', 'boolean', 'Margin trading is allowed.'),
  field('marginBalance', 'money', 'Margin balance.'),
  field('shortBalance', 'money', 'Balance of short positions.'),
  field('rolloverAmount', 'money', 'Amount rolled over.'),
  field('employerName', 'text', 'Employer behind a retirement plan.', { pii: 'direct' }),
  field('brokerId', 'id', 'Broker, as the provider identifies it.', { pii: 'none' }),
  field('planId', 'id', 'Plan, as the provider identifies it.', { pii: 'none' }),
  field('calendarYearFor401K', 'integer', 'Calendar year of the 401(k).', {
    was: ['calendarYearFor401k'],
  }),
  field('calendaryearFor401K', 'instant', 'Old form of the calendar year of the 401(k).', {
    column: 'calendar_year_for_401k_at',
  }),
  field('dailyChange', 'money', 'Change of value over the day.'),
  field('percentageChange', 'rate', 'Change of value over the day, in percent.'),
  ...interestRate('earnedInterest', 'earned_interest'),
]

const annuity = [
  field('payoutType', 'text', 'DEFERRED or IMMEDIATE.', {
    values: ['DEFERRED', 'IMMEDIATE'],
    pii: 'none',
  }),
  field('policyProductType', 'text', 'FIXED or VARIABLE.', {
    values: ['FIXED', 'VARIABLE'],
    pii: 'none',
  }),
  field('payoutAmount', 'money', 'Amount of one payout.'),
  field('payoutMode', 'text', 'How often payouts are made.', { values: frequencies, pii: 'none' }),
  field('payoutStartDate', 'date', 'Day of the first payout.'),
  field('payoutEndDate', 'date', 'Day of the last payout.'),
  field('numberModalPayouts', 'integer', 'Number of payouts.'),
  field('surrenderValue', 'money', 'Value if surrendered now.'),
  field('payoutChangePercentage', 'rate', 'Change of the payout a year, in percent.'),
  field('payoutChangeAmount', 'money', 'Change of the payout a year; may be negative.'),
  field('periodCertainType', 'text', 'Guaranteed period.', { pii: 'none' }),
  field('annuityProductType', 'text', 'Old field, before 5.2: CURRENCY or SHARES.', {
    pii: 'none',
  }),
  field('annuityValueBasis', 'text', 'Old field, before 5.2: FIXED or VARIABLE.', { pii: 'none' }),
  field('paymentAmount', 'money', 'Old field, before 5.2: amount of one payment.'),
  field('paymentFrequency', 'text', 'Old field, before 5.2: how often payments are made.', {
    values: frequencies,
    pii: 'none',
  }),
  field('paymentStartDate', 'instant', 'Old field, before 5.2: first payment.'),
  field('paymentEndDate', 'instant', 'Old field, before 5.2: last payment.'),
  field('totalPaymentCount', 'integer', 'Old field, before 5.2: number of payments.'),
  field('netPresentValue', 'money', 'Old field, before 5.2: present value.'),
  field('annualIncrease', 'rate', 'Old field, before 5.2: yearly increase.'),
  field('annualIncreaseType', 'text', 'Old field, before 5.2: FIXED, PERCENT or DOLLAR.', {
    pii: 'none',
  }),
  field('periodCertainGuarantee', 'text', 'Old field, before 5.2: guaranteed period.', {
    pii: 'none',
  }),
]

const insurance = [
  field('policyPremium', 'money', 'Premium of one term.'),
  field('policyPremiumTerm', 'text', 'ANNUAL or MONTHLY.', {
    values: ['ANNUAL', 'MONTHLY'],
    pii: 'none',
  }),
  field('policyStartDate', 'date', 'Day the policy started.'),
  field('policyStatus', 'text', 'Status of the policy.', { values: policyStatuses, pii: 'none' }),
  field('policyEndDate', 'date', 'Day the policy ends.'),
  field('policyCoverageAmount', 'money', 'Amount that is covered.'),
]

const commercial = [
  field('balanceAsOf', 'instant', 'When the balances were true.'),
  field('openingLedgerBalance', 'money', 'Ledger balance at the start of the day.'),
  field('closingLedgerBalance', 'money', 'Ledger balance at the end of the day.'),
  field('currentLedgerBalance', 'money', 'Ledger balance now.'),
  field('openingAvailableBalance', 'money', 'Available balance at the start of the day.'),
  field('currentAvailableBalance', 'money', 'Available balance now.'),
  field('closingAvailableBalance', 'money', 'Available balance at the end of the day.'),
  field('nextDayAvailableBalance', 'money', 'Balance available the next day.'),
  field('twoDaysPlusAvailableBalance', 'money', 'Balance available in two days or more.'),
  field('numberOfOutstandingCredits', 'integer', 'Number of outstanding credits.'),
  field('outstandingCreditsAmount', 'money', 'Sum of outstanding credits.'),
  field('numberOfOutstandingDebits', 'integer', 'Number of outstanding debits.'),
  field('outstandingDebitsAmount', 'money', 'Sum of outstanding debits.'),
  field('commercialBalances', 'json', 'Balances by treasury code (BTRS), as sent.', {
    since: '5.2',
  }),
]

const wallet = [
  field('balanceAsOf', 'instant', 'When the balances were true.', { since: '6.2' }),
  field('currentBalance', 'money', 'Balance of the wallet.', { since: '6.2' }),
  field('openingDayBalance', 'money', 'Balance at the start of the day.', { since: '6.2' }),
  field('availableBalance', 'money', 'Balance that can be used.', { since: '6.2' }),
  field('annualPercentageYield', 'rate', 'Annual yield as sent: mostly percent.', { since: '6.2' }),
  field('interestYtd', 'money', 'Interest earned this year.', { since: '6.2' }),
  ...interestRate('earnedInterest', 'earned_interest'),
]

const other = [
  field('wrapper', 'text', 'Key that wrapped the account in the payload.', { pii: 'none' }),
  field('balanceAsOf', 'instant', 'When the balances were true.'),
  field('currentBalance', 'money', 'Balance, where the account has one.'),
  field('availableBalance', 'money', 'Balance that can be used, where the account has one.'),
  field('principalBalance', 'money', 'Principal still owed, where the account has one.'),
  field('currentValue', 'money', 'Value, where the account has one.'),
  field('creditLine', 'money', 'Credit limit, where the account has one.'),
  field('availableCredit', 'money', 'Credit that can still be used, where the account has one.'),
  field('financeCharges', 'money', 'Finance charges, where the account has them.'),
]

const own: Record<
  KindName,
  [comment: string, fields: readonly Field[], children?: readonly Child[]]
> = {
  deposit: [
    'Checking, savings and other deposit accounts.',
    deposit,
    [{ name: 'overdraftFundingSources', table: 'overdraft_funding_sources' }],
  ],
  loan: ['Mortgages, car loans, student loans and other loans.', loan],
  loc: [
    'Credit cards and other lines of credit.',
    loc,
    [
      { name: 'bills', table: 'bills' },
      { name: 'scheduledPayments', table: 'scheduled_payments' },
    ],
  ],
  investment: [
    'Brokerage, retirement and other investment accounts.',
    investment,
    [
      { name: 'holdings', table: 'holdings' },
      { name: 'openOrders', table: 'open_orders' },
      { name: 'contribution', was: ['contributions'], table: 'contributions' },
      { name: 'vesting', table: 'vesting' },
      { name: 'investmentLoans', table: 'investment_loans' },
      { name: 'balanceList', table: 'investment_balances' },
      { name: 'pensionSource', table: 'pension_sources' },
    ],
  ],
  annuity: ['Annuities: the fields of 5.2 and later, and the older set beside them.', annuity],
  insurance: ['Insurance policies.', insurance, [{ name: 'bills', table: 'bills' }]],
  commercial: [
    'Commercial accounts (5.2 and later).',
    commercial,
    [{ name: 'commercialBalances', table: 'commercial_balances' }],
  ],
  digital_wallet: ['Digital wallets (6.2 and later); their full field list is not public.', wallet],
  other: ['Accounts of a kind that is not known here; what else they hold is in extra.', other],
}

/** One table for each kind of account. */
export const accountTables: Table[] = Object.entries(own).map(
  ([kind, [comment, fields, children]]) => ({
    schema: 'fdx',
    name: kinds[kind as KindName].accounts,
    comment,
    key: ['account_id'],
    fields: [...commonFields, ...fields],
    children: [
      { name: 'fiAttributes', table: 'fi_attributes', list: 'account' },
      ...(children ?? []),
    ],
    elsewhere: ['accountId', 'transactions'],
  }),
)
