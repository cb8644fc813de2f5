import { kindNames, kinds } from './fields/kinds.ts'
import { tables } from './fields/tables.ts'
import type { LoadedEntity } from './loaded.ts'
import { isMovement, knownRoots } from './record-shape.ts'

/** Members of a transaction that stand for what it came with; no provider’s name begins so. */
export const added = { wrapper: '@wrapper', more: '@more', invalid: '@invalid' } as const

interface Layout {
  readonly schema: 'fdx' | 'flinks'
  /** List of the page’s body: of transactions, or of accounts that hold a list of them. */
  readonly list: string
  readonly inside: string | null
}

/** Pages that hold transactions: there are so many of them that nothing but bytes is looked at. */
export const layouts: Partial<Record<LoadedEntity, Layout>> = {
  'fdx.transactions': { schema: 'fdx', list: 'transactions', inside: null },
  'fdx.accounts': { schema: 'fdx', list: 'accounts', inside: 'transactions' },
  'flinks.detail': { schema: 'flinks', list: 'Accounts', inside: 'Transactions' },
}

export const accountWrappers: ReadonlySet<string> = new Set(
  kindNames.flatMap((kind) => [...kinds[kind].account]),
)
export const transactionWrappers: ReadonlySet<string> = new Set(
  kindNames.flatMap((kind) => [...kinds[kind].transaction]),
)

/** Names of the members that some table of transactions has a column for. */
export const transactionNames = (schema: Layout['schema']): ReadonlySet<string> =>
  new Set([
    ...tables.filter((table) => isMovement(table) && table.schema === schema).flatMap(knownRoots),
    ...Object.values(added),
  ])
