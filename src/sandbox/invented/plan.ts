/** The providers in the box; each is a path prefix, and the name that people give in rules and questions. */
export const fdxProviders = ['outbound', 'rotating', 'v6'] as const
export type FdxProvider = (typeof fdxProviders)[number]
export const providers = [...fdxProviders, 'flinks'] as const
export type Provider = (typeof providers)[number]

/** How an account behaves. `payroll` stands for a kind that no version of FDX knows. */
export const kinds = [
  'deposit',
  'loan',
  'line',
  'investment',
  'annuity',
  'insurance',
  'commercial',
  'wallet',
  'bnpl',
  'payroll',
] as const
export type Kind = (typeof kinds)[number]

/** FDX `accountType` → how it behaves. */
export const kindOfType = {
  CHECKING: 'deposit',
  SAVINGS: 'deposit',
  CD: 'deposit',
  MONEYMARKET: 'deposit',
  CREDITCARD: 'line',
  CHARGE: 'line',
  LINEOFCREDIT: 'line',
  HOMELINEOFCREDIT: 'line',
  MORTGAGE: 'loan',
  AUTOLOAN: 'loan',
  STUDENTLOAN: 'loan',
  PERSONALLOAN: 'loan',
  '401K': 'investment',
  IRA: 'investment',
  BROKERAGEPRODUCT: 'investment',
  TAXFREESAVINGSACCOUNT: 'investment',
  REGISTEREDRETIREMENTSAVINGSPLAN: 'investment',
  FIXEDANNUITY: 'annuity',
  VARIABLEANNUITY: 'annuity',
  WHOLELIFE: 'insurance',
  LONGTERMDISABILITY: 'insurance',
  COMMERCIALDEPOSIT: 'commercial',
  DIGITALWALLET: 'wallet',
  BNPL: 'bnpl',
  PAYROLLCARD: 'payroll',
} as const satisfies Record<string, Kind>
export type AccountType = keyof typeof kindOfType

/** Which accounts the people have, by person number; after the last row it begins again. */
const profiles: Record<Provider, readonly (readonly AccountType[])[]> = {
  outbound: [
    ['CHECKING', 'SAVINGS', 'CREDITCARD', 'TAXFREESAVINGSACCOUNT', 'MORTGAGE'],
    ['CHECKING', 'CREDITCARD'],
    ['CHECKING', 'SAVINGS', 'AUTOLOAN'],
    ['CHECKING'],
    ['CHECKING', 'LINEOFCREDIT', 'REGISTEREDRETIREMENTSAVINGSPLAN', 'FIXEDANNUITY'],
    ['CHECKING', 'STUDENTLOAN', 'CREDITCARD'],
    ['CHECKING', 'SAVINGS', 'CD'],
    ['CHECKING', 'CHARGE', 'CREDITCARD'],
    ['CHECKING', 'HOMELINEOFCREDIT', 'VARIABLEANNUITY'],
    ['CHECKING', 'BROKERAGEPRODUCT'],
  ],
  rotating: [
    ['CHECKING', 'CREDITCARD', '401K', 'WHOLELIFE', 'COMMERCIALDEPOSIT'],
    ['CHECKING', 'SAVINGS'],
    ['CHECKING', 'DIGITALWALLET'],
    ['CHECKING', 'PAYROLLCARD'],
    ['CHECKING', 'MORTGAGE', 'IRA', 'FIXEDANNUITY', 'DIGITALWALLET'],
    ['CHECKING', 'CREDITCARD', 'AUTOLOAN'],
    ['CHECKING', 'LONGTERMDISABILITY'],
    ['CHECKING', 'MONEYMARKET', 'CREDITCARD'],
    ['CHECKING', 'CD', 'STUDENTLOAN', 'LINEOFCREDIT'],
    ['CHECKING'],
  ],
  v6: [
    ['CHECKING', 'CREDITCARD', '401K', 'WHOLELIFE', 'COMMERCIALDEPOSIT'],
    ['CHECKING', 'BNPL'],
    ['CHECKING', 'DIGITALWALLET'],
    ['CHECKING', 'SAVINGS', 'CREDITCARD'],
    ['CHECKING', 'MORTGAGE', 'BROKERAGEPRODUCT', 'VARIABLEANNUITY', 'DIGITALWALLET'],
    ['CHECKING', 'PERSONALLOAN'],
    ['CHECKING', 'PAYROLLCARD'],
    ['CHECKING', 'LONGTERMDISABILITY', 'LINEOFCREDIT'],
    ['CHECKING', 'STUDENTLOAN', 'CD', 'BNPL'],
    ['CHECKING'],
  ],
  flinks: [
    ['CHECKING', 'SAVINGS', 'CREDITCARD'],
    ['CHECKING', 'CREDITCARD', 'MORTGAGE'],
    ['CHECKING', 'SAVINGS'],
    ['CHECKING'],
    ['CHECKING', 'TAXFREESAVINGSACCOUNT', 'LINEOFCREDIT'],
    ['CHECKING', 'AUTOLOAN'],
  ],
}

const afterThat: readonly AccountType[] = ['SAVINGS', 'CREDITCARD', 'CHECKING', 'AUTOLOAN', 'IRA']

/** The account types of a person, in order; exactly `count` of them when a number is given. */
export function planOf(
  provider: Provider,
  person: number,
  count: number | undefined,
): readonly AccountType[] {
  const rows = profiles[provider]
  const usual = rows[person % rows.length] ?? []
  if (count === undefined) return usual
  return Array.from(
    { length: count },
    (_, index) => usual[index] ?? afterThat[index % afterThat.length] ?? 'CHECKING',
  )
}

/** Every fourth person sends all fields that exist; the others leave some out, as real providers do. */
export function sendsEverything(person: number): boolean {
  return person % 4 === 0
}

/** One account in the box: all that its data follows from. */
export interface AccountKey {
  readonly seed: string
  readonly provider: Provider
  readonly person: number
  readonly index: number
  readonly type: AccountType
  readonly kind: Kind
  readonly country: 'CA' | 'US'
}

/** The parts of an account's key, for `chanceOf` and `guidOf`. */
export function partsOf(key: AccountKey): readonly [string, string, number, number] {
  return [key.seed, key.provider, key.person, key.index]
}
