import type { Day } from '../calendar.ts'
import { dayIn, dayText, firstDay, lastDay, monthOf } from '../calendar.ts'
import type { JsonObject } from '../json.ts'
import type { Cents } from '../money.ts'
import { decimal, money, share } from '../money.ts'
import { savingsRate } from './deposit.ts'
import { currencyOf } from './descriptor.ts'
import type { Ledger } from './ledger.ts'
import type { LineLedger } from './line.ts'
import { lineDueDay } from './line.ts'
import type { LoanLedger } from './loan.ts'
import { premiumOf } from './other-ledgers.ts'
import type { AccountKey } from './plan.ts'
import type { Statement } from './transactions.ts'

/** What the fields of an account are made from. */
export interface Standing {
  readonly key: AccountKey
  readonly today: Day
  readonly ledger: Ledger
  readonly statement: Statement
}

const pendingOf = ({ statement }: Standing): Cents =>
  statement.movements.reduce((sum, row) => (row.status === 'PENDING' ? sum + row.signed : sum), 0n)

/** Balance at the start of today: the closing one without what posted today. */
const openingDay = ({ statement, today }: Standing): Cents =>
  statement.movements.reduce(
    (sum, row) => (row.status === 'POSTED' && row.day === today ? sum - row.signed : sum),
    statement.closing,
  )

const asOf = (today: Day): string => `${dayText(today)}T05:00:00Z`

/** An FDX 6.4 `InterestRate`. */
export function interestRate(rate: bigint, today: Day): JsonObject {
  return {
    rate: decimal(rate, 2),
    rateAsOf: dayText(today),
    priorRate: decimal(rate + 25n, 2),
    type: 'INDEXED',
    index: 'PRIME',
    compoundingPeriod: 'MONTHLY',
  }
}

/** What the account has earned since January, as far as the bank still shows it. */
const interestThisYear = ({ statement, today }: Standing): Cents => {
  const january = firstDay(monthOf(today) - (monthOf(today) % 12))
  return statement.movements.reduce(
    (sum, row) =>
      row.day >= january && row.fields['transactionType'] === 'INTEREST' ? sum + row.signed : sum,
    0n,
  )
}

/** FDX `DepositAccount` beyond the common fields (fdx-standard 5.3). */
export function depositDetails(at: Standing): JsonObject {
  const { key, today, statement } = at
  const rate = key.type === 'CHECKING' ? 0n : savingsRate
  return {
    interestRate: decimal(rate, 2),
    balanceAsOf: asOf(today),
    currentBalance: money(statement.closing),
    openingDayBalance: money(openingDay(at)),
    availableBalance: money(statement.closing + pendingOf(at)),
    annualPercentageYield: decimal(rate, 2),
    interestYtd: money(interestThisYear(at)),
    term: key.type === 'CD' ? 36 : null,
    maturityDate: key.type === 'CD' ? '2028-04-15' : null,
    earnedInterest: interestRate(rate, today),
    underArbitration: false,
    overdraftOptIn: true,
    overdrafted: statement.closing < 0n,
    overdraftProtectionFunded: true,
    overdraftFundingSources: [
      {
        accountId: 'funding-1',
        accountNumberDisplay: '0042',
        accountType: 'SAVINGS',
        institutionName: 'Harbour Bank',
      },
    ],
  }
}

/** FDX `LoanAccount` beyond the common fields (5.4). */
export function loanDetails(at: Standing): JsonObject {
  const { today, statement } = at
  const loan = at.ledger as LoanLedger
  const month = monthOf(today)
  const paidThisMonth = today >= dayIn(month, loan.terms.dueDay)
  const last = paidThisMonth ? month : month - 1
  const january = month - (month % 12)
  let interest = 0n
  for (let m = january; m <= last; m++) interest += loan.standing(m).interest
  const end = loan.terms.first + loan.terms.months - 1
  return {
    interestRate: decimal(loan.terms.rate, 2),
    interestRateType: 'FIXED',
    balanceAsOf: asOf(today),
    principalBalance: money(-statement.closing),
    escrowBalance: money(loan.terms.escrow * BigInt((last % 12) + 1)),
    originalPrincipal: money(loan.terms.principal),
    originatingDate: dayText(firstDay(loan.terms.first - 1)),
    loanTerm: loan.terms.months,
    totalNumberOfPayments: loan.terms.months,
    nextPaymentAmount: money(loan.payment(last + 1)),
    nextPaymentDate: dayText(dayIn(last + 1, loan.terms.dueDay)),
    paymentFrequency: 'MONTHLY',
    compoundingPeriod: 'MONTHLY',
    payOffAmount: money(-statement.closing + 15_000n),
    lastPaymentAmount: money(loan.payment(last)),
    lastPaymentDate: dayText(dayIn(last, loan.terms.dueDay)),
    maturityDate: dayText(dayIn(end, loan.terms.dueDay)),
    interestPaidYearToDate: money(interest),
    currentSchool: at.key.type === 'STUDENTLOAN' ? 'Lakeside University' : null,
    loanProviderName: 'Loan services',
    chargedInterest: interestRate(loan.terms.rate, today),
    annualPercentageRate: decimal(loan.terms.rate, 2),
    status: statement.closing === 0n ? 'PAID' : 'OPEN',
  }
}

/** FDX `LocAccount`, `LineOfCreditAccount` in v6, beyond the common fields (5.5). */
export function lineDetails(at: Standing): JsonObject {
  const { today, statement } = at
  const line = at.ledger as LineLedger
  const { terms } = line
  const month = monthOf(today)
  const due = today < dayIn(month, lineDueDay)
  const billed = line.statement(month - 1)
  const balance = -statement.closing
  const paidIn = due ? month - 1 : month
  const available = terms.creditLine - balance + pendingOf(at)
  const minimum = share(billed, 3n, 100n)
  const next = dayText(dayIn(due ? month : month + 1, lineDueDay))
  return {
    interestRate: decimal(terms.apr, 2),
    balanceAsOf: asOf(today),
    creditLine: money(terms.creditLine),
    availableCredit: money(available),
    nextPaymentAmount: money(due ? billed : 0n),
    nextPaymentDate: next,
    principalBalance: money(balance),
    currentBalance: money(balance),
    minimumPaymentAmount: money(minimum),
    lastPaymentAmount: money(line.statement(paidIn - 1)),
    lastPaymentDate: dayText(dayIn(paidIn, lineDueDay)),
    pastDueAmount: money(0n),
    lastStmtBalance: money(billed + terms.carried),
    lastStmtDate: dayText(lastDay(month - 1)),
    purchasesApr: decimal(terms.apr, 2),
    advancesApr: decimal(terms.apr + 300n, 2),
    cashAdvanceLimit: money(terms.creditLine / 5n),
    availableCash: money(terms.creditLine / 5n),
    financeCharges: money(share(terms.carried, terms.apr, 120_000n)),
    cardNetwork: terms.card ? 'EXAMPLECARD' : undefined,
    cardArt: terms.card
      ? { label: 'Blue card', imageUri: 'https://cards.example.com/blue.png' }
      : undefined,
    bills: [bill(billed, minimum, next, dayText(lastDay(month - 1)))],
    scheduledPayments: [{ amount: money(billed), date: next, type: 'FULL', payToPrincipal: false }],
    chargedInterest: interestRate(terms.apr, today),
    cashAdvanceBalance: money(0n),
    transferBalance: money(0n),
    ppilBalance: money(0n),
    ppilApr: decimal(0n, 2),
    balanceTransfersApr: decimal(199n, 2),
    targetRateSaleApr: decimal(999n, 2),
    feeSchedule: 'Annual fee 99.00',
    underArbitration: false,
  }
}

/** FDX `Bills`: what the customer owes is negative in two of its fields. */
export function bill(due: Cents, minimum: Cents, date: string, closed: string): JsonObject {
  return {
    totalPaymentDue: money(due),
    minimumPaymentDue: money(minimum),
    dueDate: date,
    autoPayEnabled: true,
    autoPayAmount: money(due),
    autoPayDate: date,
    pastDueAmount: money(0n),
    lastPaymentAmount: money(due),
    lastPaymentDate: closed,
    statementBalance: money(-due),
    statementDate: closed,
  }
}

/** FDX `AnnuityAccount` with the names of v4/v5 beside those of v6 (5.7). */
export function annuityDetails({ key }: Standing): JsonObject {
  const variable = key.type === 'VARIABLEANNUITY'
  return {
    payoutType: 'IMMEDIATE',
    policyProductType: variable ? 'VARIABLE' : 'FIXED',
    payoutAmount: money(184_250n),
    payoutMode: 'MONTHLY',
    payoutStartDate: '2022-01-01',
    payoutEndDate: '2041-12-31',
    numberModalPayouts: 240,
    surrenderValue: money(23_140_018n),
    // The two exclude each other (FDX 6.0, AnnuityAccount).
    payoutChangePercentage: variable ? undefined : decimal(200n, 2),
    payoutChangeAmount: variable ? money(-1_250n) : undefined,
    periodCertainType: '20_YEAR',
    annuityProductType: 'CURRENCY',
    annuityValueBasis: variable ? 'VARIABLE' : 'FIXED',
    paymentAmount: money(184_250n),
    paymentFrequency: 'MONTHLY',
    paymentStartDate: '2022-01-01T00:00:00Z',
    paymentEndDate: '2041-12-31T00:00:00Z',
    totalPaymentCount: 240,
    netPresentValue: money(30_204_400n),
    annualIncrease: decimal(200n, 2),
    annualIncreaseType: 'PERCENT',
    periodCertainGuarantee: '20-YEAR',
  }
}

/** FDX `InsuranceAccount` beyond the common fields (5.8). */
export function insuranceDetails({ key, today }: Standing): JsonObject {
  const premium = premiumOf(key)
  const month = monthOf(today)
  return {
    policyPremium: money(premium),
    policyPremiumTerm: 'MONTHLY',
    policyStartDate: '2018-05-01',
    policyStatus: 'ACTIVE',
    policyEndDate: '2048-05-01',
    policyCoverageAmount: money(50_000_000n),
    bills: [bill(premium, premium, dayText(dayIn(month + 1, 6)), dayText(dayIn(month, 6)))],
  }
}

/** FDX `CommercialAccount` beyond the common fields (5.9). */
export function commercialDetails(at: Standing): JsonObject {
  const { statement, today } = at
  const now = money(statement.closing)
  const before = money(openingDay(at))
  return {
    balanceAsOf: asOf(today),
    openingLedgerBalance: before,
    closingLedgerBalance: now,
    currentLedgerBalance: now,
    openingAvailableBalance: before,
    currentAvailableBalance: now,
    closingAvailableBalance: now,
    nextDayAvailableBalance: money(statement.closing + 50_000n),
    twoDaysPlusAvailableBalance: money(statement.closing + 75_000n),
    numberOfOutstandingCredits: 2,
    outstandingCreditsAmount: money(75_000n),
    numberOfOutstandingDebits: 1,
    outstandingDebitsAmount: money(12_000n),
    commercialBalances: [
      { commercialCode: { type: 'BTRS', code: '015' }, amount: now, memo: 'Closing ledger' },
      { commercialCode: { type: 'BAI', code: '045' }, amount: now, memo: 'Closing available' },
    ],
  }
}

/** FDX `DigitalWallet`; its full field list is not public (5.10). */
export function walletDetails(at: Standing): JsonObject {
  return {
    balanceAsOf: asOf(at.today),
    currentBalance: money(at.statement.closing),
    availableBalance: money(at.statement.closing),
    annualPercentageYield: decimal(0n, 2),
    earnedInterest: interestRate(0n, at.today),
  }
}

/** FDX `BuyNowPayLaterAccount`; its full field list is not public (5.10). */
export function instalmentDetails(at: Standing): JsonObject {
  const balance = -at.statement.closing
  return {
    creditLine: money(200_000n),
    availableCredit: money(200_000n - balance),
    principalBalance: money(balance),
    currentBalance: money(balance),
    financeCharges: money(0n),
  }
}

/** A kind that no version of FDX knows, with fields of its own. */
export function payrollDetails(at: Standing): JsonObject {
  return {
    currentBalance: money(at.statement.closing),
    payCycle: 'BIWEEKLY',
    reloadable: true,
    currencyOfPay: currencyOf(at.key),
  }
}
