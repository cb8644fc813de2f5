import { expect, test } from 'vitest'
import type { Field, FieldType, Table } from '../../../src/load/fields/field.ts'
import { kindNames, kinds } from '../../../src/load/fields/kinds.ts'
import { qualifiedName, tables } from '../../../src/load/fields/tables.ts'
import type { LoadedEntity } from '../../../src/load/loaded.ts'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

/** A value of each type as JSON sends it, and as the column gives it back. */
const samples: Record<FieldType, readonly [sent: unknown, read: string]> = {
  id: ['0042', '0042'],
  text: ['Été “quoted”', 'Été “quoted”'],
  money: [-1234.56, '-1234.560000000'],
  rate: ['0.123456789012345678', '0.123456789012345678'],
  quantity: ['12345678901234567890.5', '12345678901234567890.500000000000000000'],
  integer: [42, '42'],
  boolean: ['true', 'true'],
  date: ['2025-03-04T23:30:00-0500', '2025-03-04'],
  instant: ['2025-03-04T05:06:07.1234567Z', '2025-03-04 05:06:07.123456+00'],
  json: [{ a: [1, null] }, '{"a":[1,null]}'],
}

type Item = Record<string, unknown>

/** A record with every field of a table. */
function fullItem(table: Table): Item {
  const item: Item = {}
  for (const field of table.fields) put(item, field.name.split('.'), sampleOf(field)[0])
  return item
}

function sampleOf(field: Field): readonly [sent: unknown, read: string] {
  const listed = field.values?.[0]
  return listed === undefined ? samples[field.type] : [listed, listed]
}

function put(item: Item, [name = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) item[name] ??= value
  else {
    const inner = item[name]
    const object: Item =
      typeof inner === 'object' && inner !== null && !('a' in inner) ? (inner as Item) : {}
    item[name] = object
    put(object, rest, value)
  }
}

const byName = new Map(tables.map((table) => [qualifiedName(table), table]))
const named = (name: string): Table => {
  const table = byName.get(name)
  if (table === undefined) throw new Error(name)
  return table
}

/** The item, its lists filled with full items too. */
function withLists(table: Table): Item {
  const item = fullItem(table)
  for (const child of table.children)
    item[child.name] = [withLists(named(`${table.schema}.${child.table}`))]
  return item
}

const fdx = tables.filter((table) => table.schema === 'fdx')
const roots = fdx.filter((table) =>
  kindNames.some((kind) =>
    [kinds[kind].accounts, kinds[kind].transactions].includes(table.name as never),
  ),
)

test('every field of every table comes back as it was sent', { timeout: 120_000 }, async () => {
  using folder = dataFolder()
  const send = (entity: LoadedEntity, list: string, items: Item[], more: object = {}) =>
    folder.segment(entity, [pageLine({ entity, body: JSON.stringify({ [list]: items }), ...more })])
  for (const table of roots) {
    const kind =
      kindNames.find(
        (name) => kinds[name].accounts === table.name || kinds[name].transactions === table.name,
      ) ?? 'other'
    const isAccount = kinds[kind].accounts === table.name
    const wrapper = (isAccount ? kinds[kind].account : kinds[kind].transaction)[0]
    const item = {
      ...withLists(table),
      ...(isAccount ? { contact: {} } : { transactionId: 't' }),
      accountId: `a-${kind}`,
    }
    send(isAccount ? 'fdx.accounts' : 'fdx.transactions', isAccount ? 'accounts' : 'transactions', [
      { [wrapper]: item },
    ])
  }
  send('fdx.customers', 'customers', [{ ...withLists(named('fdx.customers')), customerId: 'c' }])
  const login = fullItem(named('flinks.logins'))
  const account = {
    ...withLists(named('flinks.accounts')),
    Id: 'a',
    Transactions: [{ ...fullItem(named('flinks.transactions')), Id: 't' }],
  }
  folder.segment('flinks.detail', [
    pageLine({
      entity: 'flinks.detail',
      body: JSON.stringify({
        ...login,
        Login: { ...(login['Login'] as object), Id: 'l' },
        Accounts: [account],
      }),
    }),
  ])
  const full = (name: string) => fullItem(named(name))
  const ofAccount = { account_id: 'a' }
  send('fdx.payment_networks', 'paymentNetworks', [full('fdx.payment_networks')], ofAccount)
  send('fdx.statements', 'statements', [{ ...full('fdx.statements'), statementId: 's' }], ofAccount)
  folder.segment('fdx.contact', [
    pageLine({
      entity: 'fdx.contact',
      account_id: 'a',
      body: JSON.stringify(withLists(named('fdx.account_contacts'))),
    }),
  ])
  send('flinks.summary', 'Accounts', [{ ...full('flinks.account_summaries'), Id: 'a' }])
  send('flinks.statements', 'StatementsByAccount', [
    {
      AccountNumber: samples.text[0],
      Statements: [{ ...full('flinks.statements'), UniqueId: 's', Base64Bytes: 'aGk=' }],
    },
  ])
  const report = await folder.load()
  expect(await rejected(folder)).toEqual([])
  expect(report.rejects).toBe(0)
  for (const table of tables) {
    expect(report.tables[qualifiedName(table)], qualifiedName(table)).toBeGreaterThan(0)
    const { columns, rows } = await folder.query(
      `select extra, ${table.fields.map((field) => field.column).join(', ')} from ${qualifiedName(table)}`,
    )
    for (const row of rows) {
      const read = Object.fromEntries(columns.map((column, at) => [column.name, row[at]]))
      expect(read['extra'], qualifiedName(table)).toBeNull()
      for (const field of table.fields)
        if (!derived.has(`${table.name}.${field.column}`) && !isOpened(table, field))
          expect(read[field.column], `${qualifiedName(table)}.${field.column}`).toBe(
            sampleOf(field)[1],
          )
    }
  }
})

/** Kept as sent beside columns, or a table, of what is in it. */
const isOpened = (table: Table, { name, type }: Field) =>
  type === 'json' &&
  (name === 'contact' ||
    table.children.some((child) => child.name === name) ||
    table.fields.some((other) => other.name.startsWith(`${name}.`)))

/** Filled from elsewhere in the page, or holding what the other fields put there. */
const derived = new Set([
  'accounts.login_id',
  'account_summaries.login_id',
  'account_summaries.institution_name',
  'statements.of_login_id',
  'statements.size',
  'statements.sha256',
  'holdings.security',
  'customer_accounts.account_id',
])

async function rejected(folder: ReturnType<typeof dataFolder>) {
  return (await folder.query('select table_name, field, reason, raw from ops.rejects')).rows
}
