import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { opsForAnalysts } from '../../../../src/serve/sql-endpoint/gate/policy.ts'
import { openScene, type Scene, smallWarehouse } from './scene.ts'

/** Ways to files, the network, extensions, settings, writes, other sessions and the engine's own catalogue. */
const attacks = [
  // files
  "select * from read_csv('/etc/passwd')",
  "select * from read_csv_auto('/etc/passwd')",
  "select * from read_text('/etc/passwd')",
  "select * from read_blob('/etc/passwd')",
  "select * from read_json('/etc/passwd')",
  "select * from read_json_auto('/etc/passwd')",
  "select * from read_json_objects('/etc/passwd')",
  "select * from read_ndjson('/etc/passwd')",
  "select * from read_parquet('/tmp/x.parquet')",
  "select * from parquet_scan('/tmp/x.parquet')",
  "select * from parquet_metadata('/tmp/x.parquet')",
  "select * from parquet_schema('/tmp/x.parquet')",
  "select * from glob('/**')",
  "select * from sniff_csv('/etc/passwd')",
  "select * from '/etc/passwd'",
  "from '/tmp/x.csv'",
  "from 'x.parquet'",
  `select * from "/etc/passwd"`,
  "select * from read_duckdb('GENERATION')",
  "select * from 'GENERATION'",
  "select (select content from read_text('/etc/passwd'))",
  "select * from mart.accounts where exists (from read_text('/etc/passwd'))",
  "with x as (from read_text('/etc/passwd')) select * from x",
  "with x as materialized (select * from read_csv('/etc/passwd')) select count(*) from x",
  "select * from (values (1)) v, lateral (select * from read_text('/etc/passwd'))",
  "select * from mart.accounts union all select content, '', 0, null from read_text('/etc/passwd')",
  "select * from mart.accounts order by (select count(*) from read_text('/etc/passwd'))",
  "select system.main.read_text('/etc/passwd')",
  "select * from system.main.read_csv('/etc/passwd')",
  "select list_transform([1], lambda x: (select count(*) from read_text('/etc/passwd')))",
  "pivot (from read_text('/etc/passwd')) on content",
  "summarize (from read_text('/etc/passwd'))",
  "describe select * from read_text('/etc/passwd')",
  "explain select * from read_text('/etc/passwd')",
  "explain analyze select * from read_text('/etc/passwd')",
  "copy mart.accounts to '/tmp/out.csv'",
  "copy (select 1) to '/tmp/out.csv' (format csv)",
  "copy (select 1) to program 'id'",
  "copy mart.accounts from '/etc/passwd'",
  'copy mart.accounts from stdin',
  "copy (select * from read_text('/etc/passwd')) to stdout",
  'copy (delete from mart.accounts returning *) to stdout',
  "export database '/tmp/out'",
  "import database '/tmp/out'",
  // network and extensions
  "select * from 'https://example.com/x.csv'",
  "select * from read_csv('https://example.com/x.csv')",
  "select * from read_parquet('s3://bucket/x.parquet')",
  'install httpfs',
  'load httpfs',
  'force install httpfs from community',
  'update extensions',
  'create secret s (type s3)',
  "select * from which_secret('s3://x', 's3')",
  'select * from duckdb_secrets()',
  // other databases
  "attach ':memory:' as m",
  "attach '/tmp/x.duckdb'",
  'detach warehouse',
  'use memory',
  "select * from query('drop table mart.accounts')",
  "select * from query_table('mart.accounts')",
  "from query('select 1')",
  "select * from json_execute_serialized_sql('{}')",
  "select json_deserialize_sql('{}')",
  "select json_serialize_plan('select 1')",
  'select * from duckdb_databases()',
  'select * from pragma_database_list',
  'select * from sqlite_master',
  'select * from system.main.sqlite_master',
  'select * from duckdb_tables()',
  'select * from duckdb_columns()',
  'select * from duckdb_functions()',
  'select * from duckdb_settings()',
  'select * from duckdb_extensions()',
  'select * from duckdb_memory()',
  'select * from duckdb_temporary_files()',
  'select * from duckdb_prepared_statements()',
  'select * from duckdb_variables()',
  'select * from system.information_schema.tables',
  'select * from system.pg_catalog.pg_class',
  'select * from temp.information_schema.tables',
  "select * from pragma_table_info('mart.accounts')",
  "select * from pragma_storage_info('mart.accounts')",
  "select * from pragma_show('mart.accounts')",
  'select * from pragma_database_size()',
  'select * from pragma_user_agent()',
  'select * from test_all_types()',
  'show all tables',
  'show databases',
  'describe',
  // settings and the life of the engine
  'pragma database_list',
  'pragma enable_profiling',
  'call pragma_version()',
  'checkpoint',
  'force checkpoint',
  'select * from checkpoint()',
  'select * from force_checkpoint()',
  'select * from enable_logging()',
  'select * from disable_logging()',
  'select * from enable_profiling()',
  'select * from duckdb_logs',
  'select * from duckdb_logs()',
  "select * from duckdb_logs_parsed('QueryLog')",
  'select * from truncate_duckdb_logs()',
  "select write_log('x')",
  "select getvariable('catalogue_owner')",
  'set variable x = 1',
  'select sleep_ms(100000)',
  'vacuum',
  'analyze',
  // writes
  "insert into mart.accounts values ('x', 'y', 1, null)",
  'update mart.accounts set balance = 0',
  'delete from mart.accounts',
  'truncate mart.accounts',
  "merge into mart.accounts using mart.accounts x on false when not matched then insert values ('a')",
  'create table x (i int)',
  'create temp table x (i int)',
  'create or replace view v as select 1',
  'create table x as select 1',
  'select 1 as a into x',
  'create schema s',
  'create sequence s',
  "create type t as enum ('a')",
  'create macro m() as 1',
  'create function f() as table select 1',
  'create index i on mart.accounts (name)',
  'alter table mart.accounts add column x int',
  'drop table mart.accounts',
  'drop schema mart cascade',
  "comment on table mart.accounts is 'x'",
  'with x as (insert into mart.accounts select * from mart.accounts returning *) select * from x',
  'explain analyze create table memory.main.x as select 1',
  'explain analyze insert into mart.accounts select * from mart.accounts',
  'explain (analyze) delete from mart.accounts',
  'prepare p as delete from mart.accounts',
  'declare c cursor with hold for delete from mart.accounts',
  "select nextval('s')",
  'grant all on mart.accounts to analyst',
  'do $$ begin end $$',
  'begin read write',
  'set default_transaction_read_only = off',
  'set transaction read write',
  'set role postgres',
  'set session authorization postgres',
  'select * from mart.accounts for update',
  'lock table mart.accounts',
] as const

/** Ways to what only the owner may see. */
const peeks = [
  'select * from fdx.account_holders',
  'select ssn from fdx.account_holders',
  'select * from warehouse.fdx.account_holders',
  'select * from "fdx"."account_holders"',
  'select * from FDX.ACCOUNT_HOLDERS',
  'table fdx.account_holders',
  'from fdx.account_holders',
  'from fdx.account_holders select ssn',
  'select count(*) from fdx.account_holders',
  'select max(ssn) from fdx.account_holders h',
  'select (select ssn from fdx.account_holders limit 1)',
  'select * from mart.accounts where account_id in (select account_id from fdx.account_holders)',
  "select * from mart.accounts where exists (select 1 from fdx.account_holders where ssn like '9%')",
  'select a.*, h.ssn from mart.accounts a join fdx.account_holders h using (account_id)',
  'select * from mart.accounts a left join fdx.account_holders h on a.account_id = h.account_id',
  'select * from mart.accounts, fdx.account_holders',
  'select * from mart.accounts natural join fdx.account_holders',
  'select * from mart.accounts positional join fdx.account_holders',
  'select * from mart.accounts a, lateral (select ssn from fdx.account_holders h where h.account_id = a.account_id)',
  'with h as (select * from fdx.account_holders) select * from h',
  'with account_holders as (select 1) select * from fdx.account_holders',
  'with recursive r as (select ssn from fdx.account_holders union all select ssn from r where false) select * from r',
  'select account_id from mart.accounts union select ssn from fdx.account_holders',
  'select account_id from mart.accounts except select ssn from fdx.account_holders',
  'select * from (select * from fdx.account_holders) t',
  'select * from mart.accounts order by (select max(ssn) from fdx.account_holders)',
  'select count(*) filter (where account_id in (select account_id from fdx.account_holders)) from mart.accounts',
  'select sum(1) over (order by (select max(ssn) from fdx.account_holders)) from mart.accounts',
  'select case when true then (select max(ssn) from fdx.account_holders) end',
  'select array(select ssn from fdx.account_holders)',
  'select unnest((select list(ssn) from fdx.account_holders))',
  'select * from generate_series(1, (select count(*) from fdx.account_holders))',
  'select * from unnest((select list(ssn) from fdx.account_holders))',
  'select * from (pivot fdx.account_holders on ssn in (1, 2) using count(*))',
  'select * from (unpivot fdx.account_holders on ssn)',
  'summarize fdx.account_holders',
  'describe fdx.account_holders',
  'describe select ssn from fdx.account_holders',
  'explain select ssn from fdx.account_holders',
  'explain analyze select ssn from fdx.account_holders',
  'copy fdx.account_holders to stdout',
  'copy (select ssn from fdx.account_holders) to stdout',
  'copy fdx.account_holders (ssn) to stdout (format binary)',
  'prepare p as select ssn from fdx.account_holders',
  'declare c cursor with hold for select ssn from fdx.account_holders',
  'select * from fdx.account_holders tablesample 10%',
  'select * from ops.runs',
  // U+212A is `k` to JavaScript, and none to DuckDB.
  'with "duc\u212Adb_databases" as (select 1) select path from duckdb_databases',
  'with "duc\u212Adb_columns" as (select 1) select column_name from duckdb_columns',
  'with "duc\u212Adb_tables" as (select 1) select table_name from duckdb_tables',
  "select * from fdx.held('a1')",
  "select * from warehouse.fdx.held('a1')",
  "set search_path = 'fdx'; select * from held('a1')",
  'select * from mart.named((select ssn from fdx.account_holders))',
  "set search_path = 'fdx'; select ssn from account_holders",
  "set search_path = 'warehouse.fdx'; select ssn from account_holders",
  'with t as (select * from account_holders), account_holders as (select 1) select * from t',
  'select * from (with account_holders as (select 1 as x) select * from account_holders) a, account_holders',
] as const

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

/** Each must be refused with an SQLSTATE, and the session must go on. */
async function refused(client: pg.Client, sql: string): Promise<string> {
  try {
    await client.query(sql)
  } catch (error) {
    const { code } = error as { code?: string }
    await client.query('rollback; discard all')
    return code ?? 'no SQLSTATE'
  }
  return 'allowed'
}

/** How a statement may be refused; a fault of our own, or of the engine, is none of them. */
const answers = /^(0A000|22023|25006|25P01|3F000|42501|42601|42703|42704|42883|42P01|34000)$/

for (const role of ['owner', 'analyst'] as const)
  test(`${attacks.length} statements that reach beyond queries are refused to ${role}`, async () => {
    const client = await scene.connect(role)
    const generation = join(scene.paths.generations, '00000001.duckdb')
    const outcomes = await inTurn(
      attacks,
      async (sql) => [sql, await refused(client, sql.replace('GENERATION', generation))] as const,
    )
    expect(outcomes.filter(([, outcome]) => !answers.test(outcome))).toEqual([])
    const { rows } = await client.query('select count(*)::integer as accounts from mart.accounts')
    expect(rows).toEqual([{ accounts: 2 }])
    await client.end()
  })

test(`${attacks.length} statements are refused in the extended protocol as well`, async () => {
  const client = await scene.connect('owner')
  const outcomes = await inTurn(attacks, async (sql) => {
    try {
      await client.query({ text: sql, queryMode: 'extended' } as pg.QueryConfig)
      return [sql, 'allowed'] as const
    } catch (error) {
      return [sql, (error as { code?: string }).code ?? 'no SQLSTATE'] as const
    }
  })
  expect(outcomes.filter(([, outcome]) => !answers.test(outcome))).toEqual([])
  await client.end()
})

test(`${peeks.length} ways to a hidden table are refused to the analyst and open to the owner`, async () => {
  const analyst = await scene.connect('analyst')
  const outcomes = await inTurn(peeks, async (sql) => [sql, await refused(analyst, sql)] as const)
  expect(outcomes.filter(([, outcome]) => !/^(42P01|0A000|42883|42601)$/.test(outcome))).toEqual([])
  await analyst.end()
  const owner = await scene.connect('owner')
  expect((await owner.query('select ssn from fdx.account_holders')).rows).toEqual([
    { ssn: '999-99-9999' },
  ])
  await owner.end()
})

test('a table macro answers whose role may read its schema', async () => {
  for (const role of ['owner', 'analyst'] as const) {
    const client = await scene.connect(role)
    const named = "select account_id from mart.named('Savings')"
    expect((await client.query(named)).rows).toEqual([{ account_id: 'a2' }])
    await client.end()
  }
  const owner = await scene.connect('owner')
  const held = await owner.query({ text: 'select ssn from fdx.held($1)', values: ['a1'] })
  expect(held.rows).toEqual([{ ssn: '999-99-9999' }])
  await owner.end()
})

test('a relation that is hidden and one that does not exist get the same answer', async () => {
  const analyst = await scene.connect('analyst')
  const message = async (name: string) => {
    const error = await analyst.query(`select * from fdx.${name}`).catch((thrown: Error) => thrown)
    return (error as Error).message.replace(name, 'NAME')
  }
  expect(await message('account_holders')).toBe(await message('nothing_here'))
  await analyst.end()
})

test('an analyst reads the masked generation where there is one, and of ops what tells how good the data is', async () => {
  const masked = `${smallWarehouse.replace("'999-99-9999'", 'null')};
    create table ops.audit as select 'root' as actor; create table ops.rejects as select 1 as n;
    create view mart.freshness as select count(*)::integer as entries from ops.audit`
  const name = await scene.publish(smallWarehouse)
  await scene.publish(masked)
  const { renameSync } = await import('node:fs')
  renameSync(
    join(scene.paths.generations, '00000003.duckdb'),
    join(scene.paths.generations, `${name}.analyst.duckdb`),
  )
  writeFileSync(join(scene.paths.generations, 'CURRENT'), `${name}.duckdb\n`)
  await expect
    .poll(
      async () => {
        const analyst = await scene.connect('analyst')
        const { rows } = await analyst
          .query('select ssn from fdx.account_holders')
          .catch(() => ({ rows: [] }))
        await analyst.end()
        return rows
      },
      { timeout: 10_000 },
    )
    .toEqual([{ ssn: null }])
  const analyst = await scene.connect('analyst')
  expect(await refused(analyst, 'select * from ops.audit')).toBe('42P01')
  expect(await refused(analyst, 'select * from ops.runs')).toBe('42P01')
  expect(await refused(analyst, 'select n from ops.rejects')).toBe('allowed')
  const { rows } = await analyst.query('select entries from mart.freshness')
  expect(rows).toEqual([{ entries: 1 }])
  const listed = await analyst.query(
    "select table_name from information_schema.tables where table_schema = 'ops'",
  )
  expect(listed.rows).toEqual([{ table_name: 'rejects' }])
  await analyst.end()
})

test('what the named analyses and reports read of ops is open to analysts', () => {
  const read = ['sql/analyses', 'sql/reports'].flatMap((folder) =>
    readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/\bops\.(\w+)/g)].map(
        ([, name]) => name,
      ),
    ),
  )
  expect(read.length).toBeGreaterThan(0)
  expect(read.filter((name) => !opsForAnalysts.has(name ?? ''))).toEqual([])
})

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await work(item))
  return results
}
