/** How payloads name each kind of account, and the tables it goes to. */
export interface Kind {
  /** Wrapper keys of v4 and v5. */
  readonly account: readonly string[]
  readonly transaction: readonly string[]
  /** `accountCategory` of v5.2 and v6. */
  readonly category: readonly string[]
  /** AccountType values that tell the kind of a flat account without `accountCategory`. */
  readonly types: readonly string[]
  readonly accounts: string
  readonly transactions: string
}

const investmentTypes =
  '401A 401K 403B 529 BROKERAGEPRODUCT COVERDELL DEFERREDPROFITSHARINGPLAN DEFINEDBENEFIT DIGITALASSET ESOP GUARDIAN INDIVIDUALPENSIONPLAN INSTITUTIONALTRUST INVESTMENTACCOUNT IRA KEOGH LIFEINCOMEFUND LOCKEDINRETIREMENTACCOUNT LOCKEDINRETIREMENTINCOMEFUND LOCKEDINRETIREMENTSAVINGSPLAN NONQUALIFIEDPLAN NONQUALIFEDPLAN OTHERINVESTMENT POOLEDREGISTEREDPENSIONPLAN PRESCRIBEDREGISTEREDRETIREMENTINCOMEFUND REGISTEREDDISABILITYSAVINGSPLAN REGISTEREDEDUCATIONSAVINGSPLAN REGISTEREDPENSIONPLAN REGISTEREDRETIREMENTINCOMEFUND REGISTEREDRETIREMENTSAVINGSPLAN RESTRICTEDLIFEINCOMEFUND RESTRICTEDLOCKEDINSAVINGSPLAN ROLLOVER ROTH SARSEP SPECIFIEDPENSIONPLAN TAXABLE TAXFREESAVINGSACCOUNT TDA TERM TRUST UGMA UTMA'

/** Every kind of account that FDX names (facts: FDX envelopes, AccountType by kind). */
export const kinds = {
  deposit: {
    account: ['depositAccount'],
    transaction: ['depositTransaction'],
    category: ['DEPOSIT_ACCOUNT'],
    types: [
      'CHECKING',
      'SAVINGS',
      'CD',
      'ESCROW',
      'MONEYMARKET',
      'HIGHINTERESTSAVINGSACCOUNT',
      'FIRSTHOMESAVINGSACCOUNT',
      'OTHERDEPOSIT',
      'PREPAID',
    ],
    accounts: 'deposit_accounts',
    transactions: 'deposit_transactions',
  },
  loan: {
    account: ['loanAccount'],
    transaction: ['loanTransaction'],
    category: ['LOAN_ACCOUNT'],
    types: [
      'AUTOLOAN',
      'HOMEEQUITYLOAN',
      'INSTALLMENT',
      'LOAN',
      'MILITARYLOAN',
      'MORTGAGE',
      'PERSONALLOAN',
      'SMBLOAN',
      'STUDENTLOAN',
    ],
    accounts: 'loan_accounts',
    transactions: 'loan_transactions',
  },
  loc: {
    account: ['locAccount', 'lineOfCreditAccount'],
    transaction: ['locTransaction', 'lineOfCreditTransaction'],
    category: ['LOC_ACCOUNT'],
    types: ['LINEOFCREDIT', 'CHARGE', 'CREDITCARD', 'HOMELINEOFCREDIT'],
    accounts: 'loc_accounts',
    transactions: 'loc_transactions',
  },
  investment: {
    account: ['investmentAccount'],
    transaction: ['investmentTransaction'],
    category: ['INVESTMENT_ACCOUNT'],
    types: investmentTypes.split(' '),
    accounts: 'investment_accounts',
    transactions: 'investment_transactions',
  },
  annuity: {
    account: ['annuityAccount'],
    transaction: ['annuityTransaction'],
    category: ['ANNUITY_ACCOUNT'],
    types: ['ANNUITY', 'FIXEDANNUITY', 'VARIABLEANNUITY'],
    accounts: 'annuity_accounts',
    transactions: 'other_transactions',
  },
  insurance: {
    account: ['insuranceAccount'],
    transaction: ['insuranceTransaction'],
    category: ['INSURANCE_ACCOUNT'],
    types: ['LONGTERMDISABILITY', 'SHORTTERMDISABILITY', 'UNIVERSALLIFE', 'WHOLELIFE'],
    accounts: 'insurance_accounts',
    transactions: 'insurance_transactions',
  },
  commercial: {
    account: ['commercialAccount'],
    transaction: ['commercialTransaction'],
    category: ['COMMERCIAL_ACCOUNT'],
    types: [
      'COMMERCIALDEPOSIT',
      'COMMERCIALINVESTMENT',
      'COMMERCIALLOAN',
      'COMMERCIALLINEOFCREDIT',
      'COMMERCIALINEOFCREDIT',
    ],
    accounts: 'commercial_accounts',
    transactions: 'commercial_transactions',
  },
  digital_wallet: {
    account: ['digitalWallet', 'digitalWalletAccount'],
    transaction: ['digitalWalletTransaction'],
    category: ['DIGITAL_WALLET'],
    types: ['DIGITALWALLET'],
    accounts: 'digital_wallets',
    transactions: 'other_transactions',
  },
  other: {
    account: ['bnplAccount', 'buyNowPayLaterAccount'],
    transaction: ['bnplTransaction', 'buyNowPayLaterTransaction'],
    category: ['BNPL_ACCOUNT'],
    types: ['BNPL'],
    accounts: 'other_accounts',
    transactions: 'other_transactions',
  },
} as const satisfies Record<string, Kind>
export type KindName = keyof typeof kinds

export const kindNames = Object.keys(kinds) as KindName[]
