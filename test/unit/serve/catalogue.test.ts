import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { buildCatalogue } from '../../../src/serve/sql-endpoint/catalogue/catalogue.ts'

async function open(readable: (schema: string, relation: string) => boolean) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(`
    attach ':memory:' as warehouse;
    create schema warehouse.fdx; create schema warehouse.mart; create schema warehouse.ops;
    create table warehouse.fdx.customers (provider varchar not null, connection_id varchar, customer_id varchar);
    create table warehouse.fdx.customer_accounts (provider varchar, connection_id varchar, customer_id varchar, ordinal integer, share decimal(12, 2));
    comment on table warehouse.fdx.customers is 'People.';
    create view warehouse.mart.customers as select customer_id from warehouse.fdx.customers;`)
  await buildCatalogue(connection, {
    database: 'warehouse',
    roles: ['owner', 'ann'],
    readable,
    searchPath: ['mart'],
  })
  await connection.run(`set search_path = 'warehouse.mart,memory.pgshim'`)
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson()
  return { rows, [Symbol.dispose]: () => connection.closeSync() }
}

test('what the role may read is listed, with types, keys in both directions and comments', async () => {
  using catalogue = await open(() => true)
  expect(
    await catalogue.rows(`select relname, relkind from pg_class where oid >= 20000 order by 1, 2`),
  ).toEqual([
    ['customer_accounts', 'r'],
    ['customer_accounts_pkey', 'i'],
    ['customers', 'r'],
    ['customers', 'v'],
    ['customers_pkey', 'i'],
  ])
  expect(
    await catalogue.rows(`select pg_get_constraintdef(oid) from pg_constraint order by 1`),
  ).toEqual([
    [
      'FOREIGN KEY (provider, connection_id, customer_id) REFERENCES fdx.customers(provider, connection_id, customer_id)',
    ],
    ['PRIMARY KEY (provider, connection_id, customer_id)'],
    ['PRIMARY KEY (provider, connection_id, customer_id, ordinal)'],
  ])
  expect(
    await catalogue.rows(
      `select format_type(atttypid, atttypmod) from pg_attribute where attname = 'share'`,
    ),
  ).toEqual([['numeric(12,2)']])
  expect(
    await catalogue.rows(
      `select obj_description(_regclass('fdx.customers'), 'pg_class'), pg_table_is_visible(_regclass('customers'))`,
    ),
  ).toEqual([['People.', true]])
  expect(await catalogue.rows(`select rolname from pg_roles order by oid`)).toEqual([
    ['owner'],
    ['ann'],
  ])
})

test('what the role may not read is nowhere', async () => {
  using catalogue = await open((schema) => schema === 'mart')
  for (const relation of [
    'pg_class',
    'pg_attribute',
    'pg_constraint',
    'pg_description',
    'pg_type',
    'memory.infoshim.columns',
    'memory.infoshim.tables',
  ])
    expect(JSON.stringify(await catalogue.rows(`select * from ${relation}`))).not.toMatch(
      /customer_accounts|People/,
    )
  expect(await catalogue.rows(`select nspname from pg_namespace order by 1`)).toEqual([
    ['information_schema'],
    ['mart'],
    ['pg_catalog'],
  ])
})
