import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { warehouseKeys } from '../../../src/serve/sql-endpoint/catalogue/keys.ts'
import { freePort } from './free-port.ts'

/** A PostgreSQL server of our own, with the same tables as a generation: what the endpoint is compared with. */
export interface Postgres extends Disposable {
  readonly port: number
  readonly user: string
}

const programs = '/usr/lib/postgresql/15/bin'

/** Starts it, or says nothing where PostgreSQL 15 is not installed. */
export async function startPostgres(generation: string): Promise<Postgres | undefined> {
  if (!existsSync(join(programs, 'postgres'))) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'fdx-postgres-'))
  const port = await freePort()
  // PostgreSQL refuses to run as root.
  const asUser = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--'] : []
  const run = (program: string, ...args: string[]) => {
    const [command = '', ...rest] = [...asUser, join(programs, program), ...args]
    execFileSync(command, rest, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  if (asUser.length > 0) execFileSync('chown', ['postgres', folder])
  const data = join(folder, 'data')
  run('initdb', '-D', data, '-A', 'trust', '-U', 'owner', '-E', 'UTF8', '--locale=C.UTF-8')
  const settings = `-p ${port} -k ${folder} -h 127.0.0.1 -c fsync=off -c log_statement=${process.env['FDX_LOG_STATEMENTS'] ?? 'none'}`
  run('pg_ctl', '-D', data, '-l', join(folder, 'log'), '-o', settings, '-w', 'start')
  const stop = () => {
    run('pg_ctl', '-D', data, '-m', 'immediate', 'stop')
    if (process.env['FDX_KEEP'] === undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    await fill(generation, folder, port)
  } catch (error) {
    stop()
    throw error
  }
  return { port, user: 'owner', [Symbol.dispose]: stop }
}

/** Copies every relation by CSV; views become tables. */
async function fill(generation: string, folder: string, port: number): Promise<void> {
  const psql = (database: string, sql: string) =>
    execFileSync(
      'psql',
      [
        '-X',
        '-q',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        '127.0.0.1',
        '-p',
        `${port}`,
        '-U',
        'owner',
        database,
      ],
      { input: sql, stdio: ['pipe', 'ignore', 'pipe'] },
    )
  psql('postgres', 'create database warehouse')
  psql(
    'warehouse',
    [
      ...(await tablesOf(generation, folder)),
      'analyze;',
      "alter database warehouse set search_path = mart; alter database warehouse set timezone = 'UTC'; alter database warehouse set default_transaction_read_only = on;",
    ].join('\n'),
  )
}

/** Writes each relation to a file, and gives the SQL that makes and fills the same tables with the same keys. */
async function tablesOf(generation: string, folder: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(generation, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  try {
    await connection.run(`set TimeZone = 'UTC'`)
    const found = await connection.runAndReadAll(
      `select schema_name || '.' || table_name,
         string_agg('"' || column_name || '" ' || regexp_replace(replace(data_type, 'VARCHAR', 'text'), '^(U?HUGEINT|UBIGINT)$', 'numeric') || if(is_nullable, '', ' not null'), ', ' order by column_index),
         string_agg(if(data_type like '%[]', '''{'' || array_to_string("' || column_name || '", '','') || ''}''', '"' || column_name || '"'), ', ' order by column_index)
       from duckdb_columns() where not internal and schema_name <> 'main' group by all`,
    )
    const tables = found.getRows().map((row) => row.map(String))
    const names = new Set(tables.map(([name]) => name))
    const sql = [
      'create schema fdx; create schema flinks; create schema history; create schema mart; create schema ops;',
    ]
    for (const [name, columns, values] of tables) {
      const file = join(folder, `${name}.csv`)
      await connection.run(
        `copy (select ${values} from ${name}) to '${file}' (header false, force_quote *)`,
      )
      sql.push(`create table ${name} (${columns});`, `\\copy ${name} from '${file}' csv`)
    }
    const keys = warehouseKeys().filter(({ table }) => names.has(table))
    const primary = keys.filter(({ refers }) => !refers)
    const foreign = keys.filter(({ refers }) => refers)
    for (const { table, columns } of primary)
      sql.push(`alter table ${table} add primary key (${columns.join(', ')});`)
    for (const { table, columns, refers } of foreign)
      sql.push(
        `alter table ${table} add foreign key (${columns.join(', ')}) references ${refers?.table} (${refers?.columns.join(', ')});`,
      )
    return sql
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
