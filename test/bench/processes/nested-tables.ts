import type { FieldType } from '../../../src/load/fields/field.ts'
import { kinds } from '../../../src/load/fields/kinds.ts'
import { qualifiedName, tables } from '../../../src/load/fields/tables.ts'

/** Types that somebody who does not care for digits takes. */
const types: Record<FieldType, string> = {
  id: 'VARCHAR',
  text: 'VARCHAR',
  money: 'DOUBLE',
  rate: 'DOUBLE',
  quantity: 'DOUBLE',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  instant: 'TIMESTAMP',
  json: 'JSON',
}

type Members = Map<string, string | Members>

/** Members of a record of any of the tables; names that differ in case alone are one. */
function membersOf(names: readonly string[], more: Readonly<Record<string, string>>): Members {
  const members: Members = new Map()
  const put = (into: Members, [name = '', ...rest]: string[], type: string): void => {
    const same = [...into.keys()].find((key) => key.toLowerCase() === name.toLowerCase()) ?? name
    const there = into.get(same)
    if (rest.length === 0) into.set(same, there ?? type)
    else if (there === undefined || typeof there === 'string') {
      const inner: Members = new Map()
      into.set(same, inner)
      put(inner, rest, type)
    } else put(there, rest, type)
  }
  for (const name of names) {
    const table = tables.find((one) => qualifiedName(one) === name)
    for (const field of table?.fields ?? [])
      if (!field.name.includes('[')) put(members, field.name.split('.'), types[field.type])
    for (const child of table?.children ?? [])
      put(members, [child.name], listType(`${table?.schema}.${child.table}`))
  }
  for (const [name, type] of Object.entries(more)) put(members, [name], type)
  return members
}

const struct = (members: Members): string =>
  `STRUCT(${[...members].map(([name, type]) => `"${name}" ${typeof type === 'string' ? type : struct(type)}`).join(', ')})`

const listType = (name: string): string => `${struct(membersOf([name], {}))}[]`

const ofKinds = (which: 'accounts' | 'transactions') => [
  ...new Set(Object.values(kinds).map((kind) => `fdx.${kind[which]}`)),
]

const transaction = struct(
  membersOf(ofKinds('transactions'), { transactionId: 'VARCHAR', accountId: 'VARCHAR' }),
)
const account = struct(
  membersOf(ofKinds('accounts'), { accountId: 'VARCHAR', transactions: `${transaction}[]` }),
)

const create = (table: string, body: string) => `create table ${table} as
select * from read_json(getvariable('files'), format = 'newline_delimited', maximum_object_size = 33554432,
  columns = {page_id: 'VARCHAR', run_id: 'VARCHAR', pull_id: 'VARCHAR', provider: 'VARCHAR', connection_id: 'VARCHAR', entity: 'VARCHAR',
    account_id: 'VARCHAR', fetched_at: 'TIMESTAMP', body: '${body}'})`

/**
 * The limit a load is measured against, by entity: every FDX field of every kind, typed as DuckDB reads it, in
 * one scan; nothing flattened, doubles for money (facts/load-performance.md 3: a map by wrapper key is the
 * fastest schema that takes every kind).
 */
export const nestedTables = {
  'fdx.accounts': create('accounts', `STRUCT(accounts MAP(VARCHAR, ${account})[])`),
  'fdx.transactions': create('transactions', `STRUCT(transactions MAP(VARCHAR, ${transaction})[])`),
}
