/** Closed lists of FDX 5.2 to 6.4 (facts: FDX enumerations). Advisory: any other value is kept and counted. */
export const accountStatuses = [
  'CLOSED',
  'DELINQUENT',
  'NEGATIVECURRENTBALANCE',
  'OPEN',
  'PAID',
  'PENDINGCLOSE',
  'PENDINGOPEN',
  'RESTRICTED',
]
export const balanceTypes = ['ASSET', 'LIABILITY']
export const rateTypes = ['FIXED', 'INDEXED', 'VARIABLE']
export const billPayStatuses = ['ACTIVE', 'AVAILABLE', 'NOT_AVAILABLE', 'PENDING']
export const frequencies = [
  'ANNUALLY',
  'BIWEEKLY',
  'DAILY',
  'MONTHLY',
  'SEMIANNUALLY',
  'SEMIMONTHLY',
  'WEEKLY',
]
export const loanFrequencies = [
  'ANNUALLY',
  'BIMONTHLY',
  'BIWEEKLY',
  'FOURWEEKS',
  'MONTHLY',
  'OTHER',
  'QUARTERLY',
  'SEMIANNUALLY',
  'TWICEMONTHLY',
  'WEEKLY',
]
export const debitCredit = ['CREDIT', 'DEBIT', 'MEMO']
export const transactionStatuses = ['AUTHORIZATION', 'MEMO', 'PENDING', 'POSTED']
export const positionTypes = ['LONG', 'SHORT']
export const subAccounts = ['CASH', 'MARGIN', 'OTHER', 'OTHERS', 'SHORT']
export const securityIdTypes = [
  'CINS',
  'CMC',
  'CME',
  'CUSIP',
  'ISIN',
  'ITSA',
  'NASDAQ',
  'SEDOL',
  'SICC',
  'VALOR',
  'WKN',
]
export const securityTypes = [
  'BOND',
  'DEBT',
  'DIGITALASSET',
  'MUTUALFUND',
  'OPTION',
  'OTHER',
  'STOCK',
  'SWEEP',
]
export const holdingTypes = [
  'ANNUITY',
  'BOND',
  'CD',
  'DIGITALASSET',
  'MUTUALFUND',
  'OPTION',
  'OTHER',
  'STOCK',
]
export const assetClasses = [
  'DOMESTICBOND',
  'INTLBOND',
  'INTLSTOCK',
  'LARGESTOCK',
  'MONEYMARKET',
  'OTHER',
  'SMALLSTOCK',
]
export const sources401k = [
  'AFTERTAX',
  'MATCH',
  'OTHERNONVEST',
  'OTHERVEST',
  'PRETAX',
  'PROFITSHARING',
  'ROLLOVER',
]
export const unitTypes = ['CURRENCY', 'SHARES']
export const policyStatuses = [
  'ACTIVE',
  'DEATH_CLAIM_PAID',
  'DEATH_CLAIM_PENDING',
  'EXPIRED',
  'GRACE_PERIOD',
  'LAPSE_PENDING',
  'TERMINATED',
  'WAIVER',
]
export const depositTransactionTypes = [
  'ADJUSTMENT',
  'ATMDEPOSIT',
  'ATMWITHDRAWAL',
  'BILLPAYMENT',
  'CHECK',
  'DEPOSIT',
  'DIRECTDEPOSIT',
  'DIVIDEND',
  'FEE',
  'INTEREST',
  'POSCREDIT',
  'POSDEBIT',
  'TRANSFER',
  'WITHDRAWAL',
]
export const loanTransactionTypes = [
  'ADJUSTMENT',
  'DOUBLE_UP_PAYMENT',
  'FEE',
  'INTEREST',
  'LUMP_SUM_PAYMENT',
  'PAYMENT',
  'PAYOFF',
  'SKIP_PAYMENT',
]
export const locTransactionTypes = [
  'ADJUSTMENT',
  'CHECK',
  'FEE',
  'INTEREST',
  'PAYMENT',
  'PURCHASE',
  'WITHDRAWAL',
]
export const insuranceTransactionTypes = ['ADJUSTMENT', 'FEE', 'INTEREST', 'PAYMENT']
export const investmentTransactionTypes = [
  'ADJUSTMENT',
  'AIRDROP',
  'ATM',
  'CASH',
  'CHECK',
  'CLOSURE',
  'CLOSUREOPT',
  'CONTRIBUTION',
  'DEP',
  'DEPOSIT',
  'DIRECTDEBIT',
  'DIRECTDEP',
  'DIV',
  'DIVIDEND',
  'DIVIDENDREINVEST',
  'EXPENSE',
  'FEE',
  'FORKED',
  'INCOME',
  'INTEREST',
  'INVEXPENSE',
  'JRNLFUND',
  'JRNLSEC',
  'MARGININTEREST',
  'MINED',
  'OPTIONEXERCISE',
  'OPTIONEXPIRATION',
  'OTHER',
  'PAYMENT',
  'POS',
  'PURCHASED',
  'PURCHASEDTOCOVER',
  'PURCHASETOCLOSE',
  'PURCHASETOOPEN',
  'REINVESTOFINCOME',
  'REPEATPMT',
  'RETURNOFCAPITAL',
  'SOLD',
  'SOLDTOCLOSE',
  'SOLDTOOPEN',
  'SPLIT',
  'SRVCHG',
  'STAKED',
  'TRANSFER',
  'WITHDRAWAL',
  'XFER',
]
export const customerTypes = ['BUSINESS', 'CONSUMER']
