import { dayText, monthOf, yearOf } from '../calendar.ts'
import type { JsonObject } from '../json.ts'
import { decimal, money, share } from '../money.ts'
import { currencyOf } from './descriptor.ts'
import type { Standing } from './details.ts'
import { interestRate } from './details.ts'
import { heldBy, holdingOf, securities, valueOn } from './holdings.ts'
import { sendsEverything } from './plan.ts'

/** FDX `InvestmentAccount` beyond the common fields: holdings, orders, the plan's contributions and vesting. */
export function investmentDetails(at: Standing): JsonObject {
  const { key, today, statement } = at
  const all = sendsEverything(key.person)
  const held = heldBy(key, all)
  const currency = currencyOf(key)
  const value = held.reduce(
    (sum, security) => sum + valueOn(key, security, today),
    statement.closing,
  )
  const before = held.reduce(
    (sum, security) => sum + valueOn(key, security, today - 1),
    statement.closing,
  )
  return {
    balanceAsOf: `${dayText(today)}T05:00:00Z`,
    allowedCheckWriting: false,
    allowedOptionTrade: true,
    currentValue: money(value),
    holdings: held.map((security) => holdingOf(key, security, today, currency)),
    openOrders: all ? [openOrder(at)] : [],
    contribution: all ? [contribution()] : undefined,
    vesting: all ? [vesting(at)] : undefined,
    investmentLoans: all ? [planLoan(at)] : undefined,
    availableCashBalance: money(statement.closing),
    margin: true,
    marginBalance: money(0n),
    shortBalance: money(0n),
    rolloverAmount: money(120_000n),
    employerName: 'Northwind Robotics',
    brokerId: 'broker.example.com',
    planId: `plan-${key.type}`,
    calendarYearFor401K: yearOf(today),
    calendaryearFor401K: `${yearOf(today)}-01-01T00:00:00Z`,
    balanceList: [
      {
        balanceName: 'Net contributions',
        balanceDescription: 'Contributions less withdrawals',
        balanceType: 'AMOUNT',
        balanceValue: money(1_250_000n),
        balanceDate: dayText(today),
        currency: { currencyCode: currency },
      },
      {
        balanceName: 'Return',
        balanceDescription: 'Since opening',
        balanceType: 'PERCENTAGE',
        balanceValue: decimal(734n, 2),
        balanceDate: dayText(today),
      },
    ],
    dailyChange: money(value - before),
    percentageChange: decimal(before === 0n ? 0n : share(value - before, 10_000n, before), 2),
    pensionSource: all ? [pension(at)] : undefined,
    earnedInterest: interestRate(175n, today),
  }
}

function openOrder({ today }: Standing): JsonObject {
  return {
    orderId: `order-${monthOf(today)}`,
    securityId: securities[0]?.id,
    securityIdType: 'CUSIP',
    symbol: 'NWRX',
    description: 'Buy Northwind Robotics',
    units: decimal(100_000n, 4),
    orderType: 'BUY',
    orderDate: dayText(today - 1),
    unitPrice: money(8_400n),
    unitType: 'SHARES',
    orderDuration: 'GOODTILLCANCEL',
    subAccount: 'CASH',
    limitPrice: money(8_350n),
    stopPrice: money(8_600n),
    inv401kSource: 'PRETAX',
  }
}

function contribution(): JsonObject {
  return {
    securityId: securities[1]?.id,
    securityIdType: 'ISIN',
    employerMatchPercentage: decimal(400n, 2),
    employerMatchAmount: money(12_000n),
    employeePreTaxAmount: money(30_000n),
    employeePreTaxPercentage: decimal(600n, 2),
    employeeAfterTaxAmount: money(5_000n),
    employeeAfterTaxPercentage: decimal(100n, 2),
    employeeDeferPreTaxAmount: money(2_500n),
    employeeDeferPreTaxPercentage: decimal(50n, 2),
    employeeYearToDate: money(330_000n),
    employerYearToDate: money(132_000n),
    rolloverContributionPercentage: decimal(0n, 2),
    rolloverContributionAmount: money(0n),
  }
}

function vesting({ today }: Standing): JsonObject {
  return {
    vestingDate: dayText(today + 90),
    symbol: 'NWRX',
    strikePrice: money(5_000n),
    vestingPercentage: decimal(2_500n, 2),
    otherVestAmount: money(1_000n),
    otherVestPercentage: decimal(100n, 2),
    vestedBalance: money(250_000n),
    unVestedBalance: money(750_000n),
    vestedQuantity: decimal(250_000n, 4),
    unVestedQuantity: decimal(750_000n, 4),
  }
}

function planLoan({ today }: Standing): JsonObject {
  return {
    loanId: 'L-1',
    loanDescription: 'Plan loan',
    initialLoanBalance: money(500_000n),
    loanStartDate: '2023-02-01',
    currentLoanBalance: money(312_045n),
    dateAsOf: `${dayText(today)}T05:00:00Z`,
    loanRate: decimal(525n, 2),
    loanPaymentAmount: money(9_493n),
    loanPaymentFrequency: 'TWICEMONTHLY',
    loanPaymentInitial: money(9_493n),
    loanPaymentsRemaining: 34,
    loanMaturityDate: '2028-02-01',
    loanInterestToDate: money(41_220n),
    loanTotalProjectedInterest: money(69_580n),
    loanNextPaymentDate: dayText(today + 10),
  }
}

function pension({ today }: Standing): JsonObject {
  return {
    displayName: 'Employer pension',
    amount: money(215_000n),
    paymentOption: 'Joint and survivor',
    asOfDate: dayText(today),
    frequency: 'MONTHLY',
    startDate: '2041-07-01',
  }
}
