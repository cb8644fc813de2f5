import { accountTables } from './accounts.ts'
import { childTables, contactTables } from './children.ts'
import { customerTables } from './customers.ts'
import type { Table } from './field.ts'
import { flinksTables } from './flinks.ts'
import { transactionTables } from './transactions.ts'

/** Every table that is filled from payloads, parents before the lists inside them. */
export const tables: readonly Table[] = [
  ...accountTables,
  ...transactionTables,
  ...childTables,
  ...customerTables,
  ...contactTables,
  ...flinksTables,
]

export const qualifiedName = (table: Table) => `${table.schema}.${table.name}`
