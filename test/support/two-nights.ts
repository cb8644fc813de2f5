import {
  type Sandbox,
  type SandboxAccount,
  type SandboxPerson,
  startSandbox,
} from '../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../src/serve/generation.ts'
import type { Connection } from '../../src/state/connections.ts'
import { realWorld } from '../../src/world.ts'
import { type Flow, openFlow, type SandboxProvider } from './flow.ts'

/** Two nights three weeks apart, and a day of the next year from which the truth of the future is taken. */
const nights = ['2026-10-10', '2026-11-01'] as const
const [firstNight] = nights
export const lastNight = nights[1]
export const nextYear = '2027-10-31'
/** Flinks shows a year at most, from the first night. */
export const yearBack = '2025-10-11'

/** Between them: every kind of account, both protocols, all three FDX dialects. */
const people = [
  ['outbound', 0],
  ['outbound', 2],
  ['outbound', 4],
  ['rotating', 0],
  ['rotating', 3],
  ['v6', 1],
  ['v6', 4],
  ['flinks', 0],
  ['flinks', 4],
] as const satisfies readonly (readonly [SandboxProvider, number])[]

export interface Known {
  readonly connection: Connection
  readonly account: SandboxAccount
}

/** What two nightly runs have collected, and the truth of it. */
export interface TwoNights extends AsyncDisposable {
  readonly flow: Flow
  readonly accounts: readonly Known[]
  /** The same accounts a year later, by `keyOf`. */
  readonly later: ReadonlyMap<string, SandboxAccount>
  /** Asks the last generation. */
  ask(sql: string): Promise<(string | null)[][]>
}

export async function twoNights(): Promise<TwoNights> {
  let offset = 0
  const world = { ...realWorld, now: () => Date.now() + offset }
  const sandbox: Sandbox = await startSandbox({ port: 0, today: firstNight, clock: world.now })
  const flow = await openFlow(sandbox, undefined, world)
  const connections: Connection[] = []
  const seen: SandboxPerson[][] = []
  for (const night of nights) {
    offset = Date.parse(`${night}T12:00:00Z`) - Date.now()
    sandbox.moveTo(night)
    if (connections.length === 0)
      for (const [provider, person] of people)
        connections.push(await flow.connect(provider, person))
    await flow.run('outbound', 'rotating', 'v6', 'flinks')
    seen.push(people.map(([provider, person]) => sandbox.truth(provider, person)))
  }
  const accounts = people.flatMap((_, at) => {
    const connection = connections[at] as Connection
    const [before, now] = seen.map((night) => night[at]?.accounts ?? []) as [
      readonly SandboxAccount[],
      readonly SandboxAccount[],
    ]
    return now.map((account, index) => ({ connection, account: since(before[index], account) }))
  })
  sandbox.moveTo(nextYear)
  const later = new Map(
    people.flatMap(([provider, person], at) =>
      sandbox
        .truth(provider, person)
        .accounts.map(
          (account) => [keyOf(connections[at]?.id, account.accountId), account] as const,
        ),
    ),
  )
  return {
    flow,
    accounts,
    later,
    ask: async (sql) => {
      using generation = await openCurrent(flow.paths)
      const { rows } = await generation.query(sql)
      return rows.map((row) => [...row])
    },
    [Symbol.asyncDispose]: async () => {
      flow[Symbol.dispose]()
      await sandbox[Symbol.asyncDispose]()
    },
  }
}

/** The bank shows a moving window of history: what the first night has seen, and the last one. */
function since(before: SandboxAccount | undefined, account: SandboxAccount): SandboxAccount {
  if (before === undefined) return account
  const known = new Set(posted(account).map(({ transactionId }) => transactionId))
  const older = posted(before).filter(({ transactionId }) => !known.has(transactionId))
  const { openingBalance } = before
  return { ...account, openingBalance, transactions: [...older, ...account.transactions] }
}

export const keyOf = (connectionId: unknown, accountId: unknown) => `${connectionId} ${accountId}`

/** Decimal text → billionths, the scale of money in the tables. */
export function exact(text: unknown): bigint {
  const found = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(String(text))
  if (found === null) throw new Error(`not a decimal: ${text}`)
  const [, sign, whole, fraction = ''] = found
  const value = BigInt(`${whole}${fraction.padEnd(9, '0')}`)
  return sign === '-' ? -value : value
}

const nextDay = (day: string) => new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
export const dayOf = (transaction: SandboxAccount['transactions'][number]) =>
  String(transaction.fields['postedTimestamp']).slice(0, 10)
export const posted = ({ transactions }: SandboxAccount) =>
  transactions.filter(({ status }) => status === 'POSTED')

/** The true balance at the end of each day from `from` to `to`, as net worth sees it. */
export function* trueBalances(account: SandboxAccount, from: string, to: string) {
  const movements = posted(account)
  let balance = exact(account.openingBalance)
  let at = 0
  for (let day = from; day <= to; day = nextDay(day)) {
    for (; at < movements.length; at++) {
      const movement = movements[at]
      if (movement === undefined || dayOf(movement) > day) break
      balance += exact(movement.signedAmount)
    }
    yield [day, balance] as const
  }
}
