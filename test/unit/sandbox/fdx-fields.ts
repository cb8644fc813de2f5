/** The fields of sections 5 to 7 of the FDX facts, by entity. A name after a colon is the entity inside. */
const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const descriptor =
  words(`accountId accountCategory accountType accountNumber accountNumberDisplay productId
  productName nickname status description accountOpenDate accountCloseDate currency:Currency
  fiAttributes:FiAttribute`)

const account =
  words(`parentAccountId lineOfBusiness lineOfBusinessType routingTransitNumber balanceType interestRate
  interestRateType interestRateAsOf priorInterestRate interestRateIndex earlyPenaltyFlag transferIn transferOut
  billPayStatus micrNumber lastActivityDate rewardProgramId transactionsIncluded domicile:Domicile bankInstitutionId
  bankTransitId`)

const transaction =
  words(`accountId transactionId referenceTransactionId postedTimestamp transactionTimestamp
  description debitCreditMemo status amount`)

const security = {
  debt: words(`parValue debtType debtClass couponRate couponDate couponMatureFrequency callPrice yieldToCall callDate
    callType yieldToMaturity bondMaturityDate`),
  mutualFund: words(
    `mutualFundType unitsStreet unitsUser reinvestDividends reinvestCapitalGains yield yieldAsOfDate`,
  ),
  option: words('secured optionType strikePrice expireDate sharesPerContract'),
  other: words('typeDescription'),
  stock: words('unitsStreet unitsUser reinvestDividends stockType yield yieldAsOfDate'),
  sweep: words('currentBalance availableBalance balanceAsOf checks'),
}

const transferSpan = words(
  'resetsOn transferMaxAmount transferRemainingAmount maxOccurrence remainingOccurrence',
)

export const fdxFields: Readonly<Record<string, readonly string[]>> = {
  Currency: words('currencyRate currencyCode originalCurrencyCode'),
  FiAttribute: words('name value'),
  Domicile: words('region country'),
  AccountDescriptor: descriptor,
  DepositAccount: [
    ...descriptor,
    ...account,
    ...words(`balanceAsOf currentBalance openingDayBalance availableBalance annualPercentageYield interestYtd term
    maturityDate transactions:DepositTransaction earnedInterest:InterestRate underArbitration overdraftOptIn overdrafted
    overdraftProtectionFunded overdraftFundingSources:FundingSource`),
  ],
  LoanAccount:
    words(`balanceAsOf principalBalance escrowBalance originalPrincipal originatingDate loanTerm
    totalNumberOfPayments nextPaymentAmount nextPaymentDate paymentFrequency compoundingPeriod payOffAmount
    lastPaymentAmount lastPaymentDate maturityDate interestPaidYearToDate transactions:LoanTransaction currentSchool
    loanProviderName chargedInterest:InterestRate annualPercentageRate`),
  LocAccount:
    words(`balanceAsOf creditLine availableCredit nextPaymentAmount nextPaymentDate principalBalance
    currentBalance minimumPaymentAmount lastPaymentAmount lastPaymentDate pastDueAmount lastStmtBalance lastStmtDate
    purchasesApr advancesApr cashAdvanceLimit availableCash financeCharges cardNetwork cardArt:CardArt
    transactions:LocTransaction bills:Bills scheduledPayments:ScheduledPayment chargedInterest:InterestRate
    cashAdvanceBalance transferBalance ppilBalance ppilApr balanceTransfersApr targetRateSaleApr feeSchedule
    underArbitration`),
  CardArt: words('label imageUri'),
  InvestmentAccount:
    words(`balanceAsOf allowedCheckWriting allowedOptionTrade currentValue holdings:Holding
    openOrders:OpenOrder contribution:Contribution vesting:Vesting investmentLoans:InvestmentLoan availableCashBalance
    margin marginBalance shortBalance rolloverAmount employerName brokerId planId calendarYearFor401K
    calendaryearFor401K balanceList:InvestmentBalance dailyChange percentageChange
    transactions:InvestmentTransaction pensionSource:PensionSource earnedInterest:InterestRate`),
  AnnuityAccount:
    words(`payoutType policyProductType payoutAmount payoutMode payoutStartDate payoutEndDate
    numberModalPayouts surrenderValue payoutChangePercentage payoutChangeAmount periodCertainType annuityProductType
    annuityValueBasis paymentAmount paymentFrequency paymentStartDate paymentEndDate totalPaymentCount netPresentValue
    annualIncrease annualIncreaseType periodCertainGuarantee`),
  InsuranceAccount:
    words(`policyPremium policyPremiumTerm policyStartDate policyStatus policyEndDate
    policyCoverageAmount transactions:InsuranceTransaction bills:Bills`),
  CommercialAccount:
    words(`balanceAsOf openingLedgerBalance closingLedgerBalance currentLedgerBalance
    openingAvailableBalance currentAvailableBalance closingAvailableBalance nextDayAvailableBalance
    twoDaysPlusAvailableBalance numberOfOutstandingCredits outstandingCreditsAmount numberOfOutstandingDebits
    outstandingDebitsAmount transactions:CommercialTransaction commercialBalances:CommercialBalance`),
  CommercialBalance: words('commercialCode:CommercialCode amount memo'),
  CommercialCode: words('type code'),
  DigitalWallet: words(
    'currentBalance availableBalance annualPercentageYield earnedInterest:InterestRate',
  ),
  BuyNowPayLaterAccount: words(
    'creditLine availableCredit principalBalance currentBalance financeCharges',
  ),
  Holding:
    words(`holdingId securityId securityIdType securityIds:SecurityId holdingName holdingType holdingSubType
    positionType heldInAccount description symbol originalPurchaseDate purchasedPrice currentAmortizationFactor
    currentUnitPrice changeInPrice currentUnitPriceDate units marketValue faceValue averageCost cashAccount rate
    expirationDate inv401kSource currency:Currency assetClasses:Portion fiAssetClasses:Portion
    fiAttributes:FiAttribute taxLots:TaxLot digitalUnits debtSecurity:DebtSecurity
    mutualFundSecurity:MutualFundSecurity optionSecurity:OptionSecurity otherSecurity:OtherSecurity
    stockSecurity:StockSecurity sweepSecurity:SweepSecurity security:Security`),
  SecurityId: words('id idType'),
  TaxLot: words('originalPurchaseDate quantity purchasedPrice costBasis currentValue positionType'),
  Portion: words('assetClass percent'),
  DebtSecurity: security.debt,
  MutualFundSecurity: security.mutualFund,
  OptionSecurity: security.option,
  OtherSecurity: security.other,
  StockSecurity: security.stock,
  SweepSecurity: security.sweep,
  Security: ['securityCategory', ...new Set(Object.values(security).flat())],
  OpenOrder:
    words(`orderId securityId securityIdType symbol description units orderType orderDate unitPrice unitType
    orderDuration subAccount limitPrice stopPrice inv401kSource`),
  Contribution:
    words(`securityId securityIdType employerMatchPercentage employerMatchAmount employeePreTaxAmount
    employeePreTaxPercentage employeeAfterTaxAmount employeeAfterTaxPercentage employeeDeferPreTaxAmount
    employeeDeferPreTaxPercentage employeeYearToDate employerYearToDate rolloverContributionPercentage
    rolloverContributionAmount`),
  Vesting:
    words(`vestingDate symbol strikePrice vestingPercentage otherVestAmount otherVestPercentage vestedBalance
    unVestedBalance vestedQuantity unVestedQuantity`),
  InvestmentLoan:
    words(`loanId loanDescription initialLoanBalance loanStartDate currentLoanBalance dateAsOf loanRate
    loanPaymentAmount loanPaymentFrequency loanPaymentInitial loanPaymentsRemaining loanMaturityDate
    loanInterestToDate loanTotalProjectedInterest loanNextPaymentDate`),
  InvestmentBalance: words(
    'balanceName balanceDescription balanceType balanceValue balanceDate currency:Currency',
  ),
  PensionSource: words('displayName amount paymentOption asOfDate frequency startDate'),
  Bills:
    words(`totalPaymentDue minimumPaymentDue dueDate autoPayEnabled autoPayAmount autoPayDate pastDueAmount
    lastPaymentAmount lastPaymentDate statementBalance statementDate`),
  ScheduledPayment: words('amount date type payToPrincipal'),
  InterestRate: words('rate rateAsOf priorRate type index compoundingPeriod'),
  FundingSource: words('accountId accountNumberDisplay accountType institutionName'),
  AccountContact: words(
    'holders:AccountHolder emails addresses:DeliveryAddress telephones:TelephoneNumber',
  ),
  AccountHolder: words('relationship name:CustomerName'),
  Customer: words(`customerId type name:CustomerName dateOfBirth taxId taxIdCountry governmentId
    businessCustomer:BusinessCustomer email emails addresses:DeliveryAddress telephones:TelephoneNumber
    accounts:CustomerToAccountRelationship customerStartDate lastActivityDate`),
  CustomerName: words('first middle last suffix prefix company'),
  BusinessCustomer: words(
    'name registeredAgents:CustomerName registeredId industryCode:IndustryCode domicile:Domicile',
  ),
  IndustryCode: words('type code'),
  CustomerToAccountRelationship: words('accountId links:Link relationship'),
  DeliveryAddress: words('line1 line2 line3 city state region postalCode country type primary'),
  TelephoneNumber: words('type purpose country number network primary'),
  AccountPaymentNetwork:
    words(`bankId identifier identifierType type transferIn transferOut supportsRequestForPayment
    transferLimits:TransferLimits`),
  TransferLimits: words('in:TransferDirection out:TransferDirection'),
  TransferDirection: words(
    'day:TransferSpan week:TransferSpan month:TransferSpan year:TransferSpan transaction:TransferOnce',
  ),
  TransferSpan: transferSpan,
  TransferOnce: words('transferMaxAmount transferRemainingAmount'),
  AssetTransferNetwork: words(
    'identifier identifierType institutionName institutionId type jointAccount',
  ),
  Statement: words('accountId statementId statementDate description links:Link status'),
  RewardProgram: words(
    'programId rewardProgramId programName programUrl memberships:Membership fiAttributes:FiAttribute',
  ),
  Membership: words(
    'accountIds customerId memberId memberNumber memberTier businessOrConsumer balances:RewardBalance',
  ),
  RewardBalance: words(
    'name type balance accruedYtd redeemedYtd qualifying fiAttributes:FiAttribute',
  ),
  RewardCategory: words(
    'rewardProgramId categoryName categoryId multiplier description fiAttributes:FiAttribute',
  ),
  TaxForm:
    words(`taxYear corrected accountId taxFormId taxFormDate description additionalInformation taxFormType
    attributes:FiAttribute error links`),
  Link: words('href action'),
  DepositTransaction: [
    ...transaction,
    ...words(`accountCategory memo category subCategory reference foreignAmount foreignCurrency imageIds
    lineItem:LineItem reward:Reward fiAttributes:FiAttribute links:Link transactionPayee:TransactionPayee
    transactionType payee checkNumber`),
  ],
  TransactionPayee: words(
    'merchantName merchantId individualName address:DeliveryAddress phone:TelephoneNumber',
  ),
  LineItem: words('description amount checkNumber memo reference imageIds links:Link'),
  Reward: words('categoryId accrued adjusted'),
  LoanTransaction: words('transactionType paymentDetails:PaymentDetails'),
  PaymentDetails: words(
    'principalAmount interestAmount insuranceAmount escrowAmount pmiAmount feesAmount',
  ),
  LocTransaction: words(
    'transactionType checkNumber paymentDetails:PaymentDetails cardNumberDisplay',
  ),
  InsuranceTransaction: words('transactionType'),
  InvestmentTransaction:
    words(`transactionType shares faceValue price securityId securityIdType securityType symbol
    markup commission taxes fees load inv401kSource confirmationNumber fractionalCash incomeType oldUnits
    splitRatioNumerator splitRatioDenominator newUnits subAccountSec subAccountFund loanId loanPrincipal loanInterest
    payrollDate priorYearContrib withholding taxExempt gain stateWithholding penalty runningBalance unitPrice units
    unitType transactionReason accruedInterest transferAction positionType digitalUnits settlementTimestamp`),
  CommercialTransaction:
    words(`immediateAvailableBalance nextDayAvailableBalance twoDaysPlusAvailableBalance
    referenceBankId referenceBranchId referenceCustomerId commercialCode:CommercialCode memo`),
}

/** v5 wrapper key or v6 category → entity. */
export const accountEntities: Readonly<Record<string, string>> = {
  depositAccount: 'DepositAccount',
  loanAccount: 'LoanAccount',
  locAccount: 'LocAccount',
  investmentAccount: 'InvestmentAccount',
  annuityAccount: 'AnnuityAccount',
  insuranceAccount: 'InsuranceAccount',
  commercialAccount: 'CommercialAccount',
  digitalWallet: 'DigitalWallet',
  DEPOSIT_ACCOUNT: 'DepositAccount',
  LOAN_ACCOUNT: 'LoanAccount',
  LOC_ACCOUNT: 'LocAccount',
  INVESTMENT_ACCOUNT: 'InvestmentAccount',
  ANNUITY_ACCOUNT: 'AnnuityAccount',
  INSURANCE_ACCOUNT: 'InsuranceAccount',
  COMMERCIAL_ACCOUNT: 'CommercialAccount',
  DIGITAL_WALLET: 'DigitalWallet',
  BNPL_ACCOUNT: 'BuyNowPayLaterAccount',
}

export const transactionEntities: Readonly<Record<string, string>> = {
  depositTransaction: 'DepositTransaction',
  loanTransaction: 'LoanTransaction',
  locTransaction: 'LocTransaction',
  investmentTransaction: 'InvestmentTransaction',
  insuranceTransaction: 'InsuranceTransaction',
  commercialTransaction: 'CommercialTransaction',
  DEPOSIT_ACCOUNT: 'DepositTransaction',
  LOAN_ACCOUNT: 'LoanTransaction',
  LOC_ACCOUNT: 'LocTransaction',
  INVESTMENT_ACCOUNT: 'InvestmentTransaction',
  INSURANCE_ACCOUNT: 'InsuranceTransaction',
  COMMERCIAL_ACCOUNT: 'CommercialTransaction',
}
