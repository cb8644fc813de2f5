import type { Table } from '../../../load/fields/field.ts'
import { kindNames, kinds } from '../../../load/fields/kinds.ts'
import { tables } from '../../../load/fields/tables.ts'

/** A primary key, or a foreign key when it refers to something. Tables are `schema.name`. */
export interface Key {
  readonly table: string
  readonly columns: readonly string[]
  readonly refers?: { readonly table: string; readonly columns: readonly string[] }
}

const owner = ['provider', 'connection_id']
const nameOf = (table: Table) => `${table.schema}.${table.name}`
const keyOf = (table: Table) => [...owner, ...table.key]

/** Keys of the tables that no payload fills (sql/schema/). */
const otherPrimary: Readonly<Record<string, readonly string[]>> = {
  'history.balances': ['provider', 'connection_id', 'account_id', 'day'],
  'ops.connections': ['connection_id'],
  'ops.pages': ['page_id'],
  'ops.runs': ['run_id'],
  'ops.segments': ['name'],
  'ops.checks': ['name'],
  'ops.run_connections': ['run_id', 'connection_id'],
}

const otherForeign: readonly (readonly [from: string, column: string, to: string])[] = [
  ['history.balances', 'connection_id', 'ops.connections'],
  ['history.balances', 'page_id', 'ops.pages'],
  ['ops.consents', 'connection_id', 'ops.connections'],
  ['ops.pages', 'segment', 'ops.segments'],
  ['ops.rejects', 'page_id', 'ops.pages'],
  ['ops.run_connections', 'connection_id', 'ops.connections'],
  ['ops.run_connections', 'run_id', 'ops.runs'],
  ['ops.run_issues', 'run_id', 'ops.runs'],
]

/** Key columns of a parent by the name its child gives them. */
function inChild(parent: Table, child: Table): string[] {
  const ordinal = parent.key.includes('transaction_id') ? 'transaction_ordinal' : 'parent_ordinal'
  return keyOf(parent).map((name) =>
    name === 'ordinal' && child.key.some((one) => one === ordinal) ? ordinal : name,
  )
}

const refer = (child: Table, parent: Table): Key => ({
  table: nameOf(child),
  columns: inChild(parent, child),
  refers: { table: nameOf(parent), columns: keyOf(parent) },
})

const parentsOf = (child: Table) =>
  tables.filter(
    (one) => one.schema === child.schema && one.children.some(({ table }) => table === child.name),
  )

/** Whose a record is, where it is somebody's. */
const ids = ['account_id', 'customer_id', 'transaction_id'] as const

/**
 * A list of accounts and of transactions alike has no transaction in the former, one of customers and of accounts no account
 * or no customer: PostgreSQL would not call that a primary key.
 */
const isWhole = (table: Table) =>
  ids
    .filter((id) => table.key.includes(id))
    .every((id) => parentsOf(table).every((parent) => parent.key.includes(id)))

/** Lists that can be in one table only; where several tables share a list, no one table is its parent. */
function listKeys(): Key[] {
  return tables.flatMap((child) => {
    const parents = parentsOf(child)
    return parents.length === 1 && parents[0] ? [refer(child, parents[0])] : []
  })
}

/** Transactions that belong to one kind of account, and those of Flinks. */
function transactionKeys(): Key[] {
  const find = (name: string) => tables.find((table) => nameOf(table) === name)
  const pairs = kindNames
    .filter((kind) =>
      kindNames.every(
        (other) => other === kind || kinds[other].transactions !== kinds[kind].transactions,
      ),
    )
    .map((kind) => [`fdx.${kinds[kind].transactions}`, `fdx.${kinds[kind].accounts}`])
  return [...pairs, ['flinks.transactions', 'flinks.accounts']].flatMap(([from = '', to = '']) => {
    const [child, parent] = [find(from), find(to)]
    return child && parent ? [refer(child, parent)] : []
  })
}

/**
 * What identifies a row, and what it refers to. The warehouse declares neither: DuckDB would keep an index for each, and loads would
 * pay for it (facts/load-performance.md). The load keeps them true, and clients join by them.
 */
export function warehouseKeys(): Key[] {
  return [
    ...tables.filter(isWhole).map((table) => ({ table: nameOf(table), columns: keyOf(table) })),
    ...Object.entries(otherPrimary).map(([table, columns]) => ({ table, columns })),
    ...listKeys(),
    ...transactionKeys(),
    ...tables.map((table) => toOne(nameOf(table), 'connection_id', 'ops.connections')),
    ...otherForeign.map(([from, column, to]) => toOne(from, column, to)),
  ]
}

const toOne = (table: string, column: string, to: string): Key => ({
  table,
  columns: [column],
  refers: { table: to, columns: otherPrimary[to] ?? [] },
})
