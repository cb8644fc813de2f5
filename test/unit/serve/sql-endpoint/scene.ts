import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { type RoleLimits, type SqlRole, serveSchema } from '../../../../src/config/serve.ts'
import { type DataPaths, dataPaths } from '../../../../src/config/settings.ts'
import { makeVerifier } from '../../../../src/serve/sql-endpoint/auth/scram.ts'
import type { SqlUser } from '../../../../src/serve/sql-endpoint/auth/users.ts'
import {
  type SqlEndpointOptions,
  startSqlEndpoint,
} from '../../../../src/serve/sql-endpoint/endpoint.ts'

/** An endpoint over a small warehouse of its own, with a user for each role; passwords are the names. */
export interface Scene extends AsyncDisposable {
  readonly paths: DataPaths
  readonly port: number
  readonly log: string[]
  /** Calls into DuckDB that are under way. */
  running(): number
  connect(role?: SqlRole, more?: pg.ClientConfig): Promise<pg.Client>
  /** Publishes another generation, made by these statements. */
  publish(sql: string): Promise<string>
}

export interface SceneOptions {
  /** Statements that fill the first generation. */
  readonly sql?: string
  readonly limits?: Partial<Record<SqlRole, Partial<RoleLimits>>>
  /** Connections at once; default as configured. */
  readonly connections?: number
  readonly endpoint?: Partial<SqlEndpointOptions>
}

export const smallWarehouse = `
  create schema mart; create schema fdx; create schema ops;
  create table mart.accounts (account_id varchar primary key, name varchar, balance decimal(38, 9), opened date);
  insert into mart.accounts values ('a1', 'Chequing', 1200.50, '2020-01-31'), ('a2', 'Savings', -3, null);
  create table fdx.account_holders (account_id varchar, holder_name varchar, ssn varchar);
  insert into fdx.account_holders values ('a1', 'Ada Example', '999-99-9999');
  create table ops.runs (id integer);
  create view mart.names as select account_id, name from mart.accounts;
  create macro mart.named(wanted) as table select * from mart.accounts where name = wanted;
  create macro fdx.held(account) as table select * from fdx.account_holders where account_id = account;
  comment on table mart.accounts is 'Accounts';
`

export const userOf = (name: string, role: SqlRole): SqlUser => ({
  name,
  role,
  verifier: makeVerifier(name),
})

export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const root = mkdtempSync(join(tmpdir(), 'fdx-sql-'))
  const paths = dataPaths(root)
  mkdirSync(paths.generations, { recursive: true })
  let number = 0
  const publish = async (sql: string) => {
    const name = `${String(++number).padStart(8, '0')}.duckdb`
    const instance = await DuckDBInstance.create(join(paths.generations, name))
    const connection = await instance.connect()
    await connection.run(sql)
    await connection.run('checkpoint')
    connection.closeSync()
    instance.closeSync()
    writeFileSync(join(paths.generations, 'CURRENT'), `${name}\n`)
    return name.replace('.duckdb', '')
  }
  await publish(options.sql ?? smallWarehouse)
  const users = [userOf('analyst', 'analyst'), userOf('owner', 'owner')]
  const stop = new AbortController()
  const log: string[] = []
  const defaults = serveSchema.parse({}).sql
  const endpoint = await startSqlEndpoint({
    paths,
    host: '127.0.0.1',
    port: 0,
    tls: null,
    users: () => users,
    limits: {
      ...defaults,
      connections: options.connections ?? defaults.connections,
      roles: {
        analyst: { ...defaults.roles.analyst, memory: '512MB', ...options.limits?.analyst },
        owner: { ...defaults.roles.owner, memory: '512MB', ...options.limits?.owner },
      },
    },
    log: (text) => log.push(text),
    signal: stop.signal,
    ...options.endpoint,
  })
  return {
    paths,
    port: endpoint.port,
    log,
    running: () => endpoint.counters().running,
    publish,
    async connect(role = 'owner', more = {}) {
      const client = new pg.Client({
        host: '127.0.0.1',
        port: endpoint.port,
        database: 'warehouse',
        user: role,
        password: role,
        ...more,
      })
      client.on('error', () => {})
      await client.connect()
      return client
    },
    async [Symbol.asyncDispose]() {
      await endpoint.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
