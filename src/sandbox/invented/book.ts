import type { Day } from '../calendar.ts'
import { chanceOf, guidOf } from '../chance.ts'
import type { JsonObject } from '../json.ts'
import { chequingLedger, savingsLedger } from './deposit.ts'
import { commonDetails, descriptorOf } from './descriptor.ts'
import type { Standing } from './details.ts'
import {
  annuityDetails,
  commercialDetails,
  depositDetails,
  instalmentDetails,
  insuranceDetails,
  lineDetails,
  loanDetails,
  payrollDetails,
  walletDetails,
} from './details.ts'
import { investmentLedger } from './investment.ts'
import { investmentDetails } from './investment-details.ts'
import type { Ledger } from './ledger.ts'
import { lineLedger } from './line.ts'
import { loanLedger } from './loan.ts'
import {
  commercialLedger,
  instalmentLedger,
  insuranceLedger,
  noMovements,
  walletLedger,
} from './other-ledgers.ts'
import type { Person } from './person.ts'
import { countryOf, personOf } from './person.ts'
import type { AccountKey, Kind, Provider } from './plan.ts'
import { kindOfType, partsOf, planOf } from './plan.ts'
import type { Statement } from './transactions.ts'
import { statementOf } from './transactions.ts'

/** One account as the bank knows it on a day: fields of all FDX versions, from which a dialect takes its own. */
export interface Account {
  readonly key: AccountKey
  readonly accountId: string
  readonly descriptor: JsonObject
  /** Beyond the descriptor. Computed when first asked for. */
  details(): JsonObject
  /** Computed when first asked for. */
  statement(): Statement
}

export interface Household {
  readonly provider: Provider
  readonly number: number
  readonly person: Person
  readonly accounts: readonly Account[]
}

export interface BookSettings {
  readonly seed: string
  readonly today: Day
  readonly accounts: number | undefined
  readonly transactions: number | undefined
}

const ledgerOf: Record<Kind, (key: AccountKey) => Ledger> = {
  deposit: savingsLedger,
  loan: loanLedger,
  line: lineLedger,
  investment: investmentLedger,
  annuity: noMovements,
  insurance: insuranceLedger,
  commercial: commercialLedger,
  wallet: walletLedger,
  bnpl: instalmentLedger,
  payroll: walletLedger,
}

const detailsOf: Record<Kind, (at: Standing) => JsonObject> = {
  deposit: depositDetails,
  loan: loanDetails,
  line: lineDetails,
  investment: investmentDetails,
  annuity: annuityDetails,
  insurance: insuranceDetails,
  commercial: commercialDetails,
  wallet: walletDetails,
  bnpl: instalmentDetails,
  payroll: payrollDetails,
}

/** The household of a person on a day. Cheap: nothing is computed before it is asked for. */
export function householdOf(settings: BookSettings, provider: Provider, number: number): Household {
  const { seed } = settings
  const person = personOf(seed, provider, number)
  const plan = planOf(provider, number, settings.accounts)
  const country = countryOf(provider, number)
  const keys = plan.map(
    (type, index): AccountKey => ({
      seed,
      provider,
      person: number,
      index,
      type,
      kind: kindOfType[type],
      country,
    }),
  )
  const main = keys.findIndex((key) => key.type === 'CHECKING')
  const others = keys.filter((_, index) => index !== main).map((key) => ledgerOf[key.kind](key))
  const ids = keys.map(accountIdOf)
  const accounts = keys.map((key, index) => {
    const ledger =
      index === main
        ? chequingLedger(key, person, (month) => others.flatMap((other) => other.dues(month)))
        : ledgerOf[key.kind](key)
    return accountOf(settings, key, ledger, ids[index] ?? '', ids[0] ?? '')
  })
  return { provider, number, person, accounts }
}

function accountOf(
  settings: BookSettings,
  key: AccountKey,
  ledger: Ledger,
  accountId: string,
  parentAccountId: string,
): Account {
  const { today, transactions } = settings
  const statement = once(() =>
    statementOf(key, ledger, today, historyStart(key, today), transactions),
  )
  return {
    key,
    accountId,
    descriptor: descriptorOf(key, accountId),
    statement,
    details: once(() => ({
      ...commonDetails(key, lastActivity(statement(), today), today, parentAccountId),
      ...detailsOf[key.kind]({ key, today, ledger, statement: statement() }),
    })),
  }
}

/** The day of the last posted movement; yesterday where nothing ever moves. */
function lastActivity({ movements }: Statement, today: Day): Day {
  return movements.findLast((row) => row.status === 'POSTED')?.day ?? today - 1
}

/** The bank keeps 12 to 24 months, by account. */
function historyStart(key: AccountKey, today: Day): Day {
  return today - chanceOf(...partsOf(key), 'history').between(365, 725)
}

/** Short numbers at `/outbound`, as in Flinks' own examples; digits at `/rotating`; opaque text elsewhere. */
function accountIdOf(key: AccountKey): string {
  switch (key.provider) {
    case 'outbound':
      return String(11 + key.person * 100 + key.index)
    case 'rotating':
      return String(7_300_000_000 + key.person * 100 + key.index)
    case 'v6':
      return `acc_${guidOf(...partsOf(key))
        .replaceAll('-', '')
        .slice(0, 20)}`
    case 'flinks':
      return guidOf(...partsOf(key))
  }
}

function once<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined
  return () => {
    kept ??= { value: compute() }
    return kept.value
  }
}
