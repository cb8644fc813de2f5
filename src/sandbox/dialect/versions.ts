/** Fields that came with FDX 6.x, which a version 5 provider does not send (fdx-standard 5–7, 14). */
export const since6: ReadonlySet<string> = new Set([
  'productId',
  'accountOpenDate',
  'accountCloseDate',
  'lineOfBusinessType',
  'interestRateIndex',
  'earlyPenaltyFlag',
  'bankInstitutionId',
  'bankTransitId',
  'earnedInterest',
  'underArbitration',
  'overdraftOptIn',
  'overdrafted',
  'overdraftProtectionFunded',
  'overdraftFundingSources',
  'currentSchool',
  'loanProviderName',
  'chargedInterest',
  'annualPercentageRate',
  'scheduledPayments',
  'cashAdvanceBalance',
  'transferBalance',
  'ppilBalance',
  'ppilApr',
  'balanceTransfersApr',
  'targetRateSaleApr',
  'feeSchedule',
  'securityIds',
  'currentAmortizationFactor',
  'cardNumberDisplay',
  'transactionPayee',
])

/** Fields that version 6 took away. */
export const until5: ReadonlySet<string> = new Set([
  'annuityProductType',
  'annuityValueBasis',
  'paymentAmount',
  'paymentStartDate',
  'paymentEndDate',
  'totalPaymentCount',
  'netPresentValue',
  'annualIncrease',
  'annualIncreaseType',
  'periodCertainGuarantee',
  'calendaryearFor401K',
])

/** The v4/v5 key of a holding's one security → v6 `securityCategory`. */
export const securityKeys: Readonly<Record<string, string>> = {
  debtSecurity: 'DEBT_SECURITY',
  mutualFundSecurity: 'MUTUAL_FUND_SECURITY',
  optionSecurity: 'OPTION_SECURITY',
  otherSecurity: 'OTHER_SECURITY',
  stockSecurity: 'STOCK_SECURITY',
  sweepSecurity: 'SWEEP_SECURITY',
}
