import { type ChildProcess, execFile, fork, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { serveSchema } from '../../src/config/serve.ts'
import { dataPaths } from '../../src/config/settings.ts'
import type { BenchResult } from './bench.ts'
import { type Postgres, startPostgres } from './serve/postgres.ts'

const run1 = promisify(execFile)
const helpers = join(import.meta.dirname, 'serve')
const million = 1_000_000

/** Five columns of the kinds that tables of bank data have. */
const wide = `
  create table mart.wide as
  select range::integer as id, 'Card purchase ' || (range * 7919 % 100000) as description,
    ((range * 7919 % 2000000) / 100.0 - 10000)::decimal(18, 2) as amount,
    date '2020-01-01' + (range % 2000)::integer as posted_on,
    timestamptz '2020-01-01 00:00:00+00' + to_seconds(range * 37) as seen_at
  from range(${million})`
const transactions = `
  create table mart.movements as
  select range::bigint as id, (hash(range) % 50000)::integer as account_id, date '2021-01-01' + (range % 1500)::integer as posted_on,
    ((hash(range) % 500000)::bigint / 100.0 - 2500)::decimal(18, 2) as amount,
    ['groceries', 'rent', 'salary', 'transport', 'fees', 'transfer', 'dining', 'travel'][1 + (hash(range + 1) % 8)::integer] as category
  from range(${5 * million})`

const wideColumns =
  'id integer, description text, amount numeric(18,2), posted_on date, seen_at timestamptz'
const movementColumns =
  'id bigint, account_id integer, posted_on date, amount numeric(18,2), category text'

/** What a dashboard asks: both servers understand the same text. */
const dashboards = [
  `select category, count(*), sum(amount), avg(amount) from mart.movements group by category order by category`,
  `select date_trunc('month', posted_on) as month, sum(case when amount > 0 then amount end) as inflow, sum(case when amount < 0 then amount end) as outflow from mart.movements group by 1 order by 1`,
  `select account_id, sum(amount) as balance from mart.movements group by account_id order by balance desc limit 20`,
  `select category, date_trunc('year', posted_on) as year, count(distinct account_id) from mart.movements where posted_on >= date '2023-01-01' group by 1, 2 order by 1, 2`,
]

/**
 * The SQL endpoint against PostgreSQL 15 with the same tables, in the same run: each pair one after the other, the better
 * of several times.
 */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-bench-serve-'))
  try {
    await publishTables(folder)
    await using postgres = await startPostgres()
    const ours = await startEndpoint(folder)
    try {
      fillPostgres(ours.port, postgres)
      return await measure(ours, postgres)
    } finally {
      ours.child.kill()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Ours {
  readonly port: number
  readonly child: ChildProcess
  memory(): Promise<number>
}

async function publishTables(folder: string): Promise<void> {
  const { generations } = dataPaths(folder)
  mkdirSync(generations, { recursive: true })
  const instance = await DuckDBInstance.create(join(generations, '00000001.duckdb'))
  const connection = await instance.connect()
  await connection.run(`create schema mart; ${wide}; ${transactions}; checkpoint`)
  connection.closeSync()
  instance.closeSync()
  writeFileSync(join(generations, 'CURRENT'), '00000001.duckdb\n')
}

async function startEndpoint(folder: string): Promise<Ours> {
  const child = fork(join(helpers, 'endpoint.ts'), [folder], {
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '32' },
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout?.once('data', (line) => resolve(Number(line)))
    child.once('exit', () => reject(new Error('the endpoint ended')))
  })
  const memory = () =>
    new Promise<number>((resolve) => {
      child.once('message', (usage) => resolve((usage as NodeJS.MemoryUsage).rss))
      child.send('memory')
    })
  return { port, child, memory }
}

/** The endpoint's own COPY fills PostgreSQL. */
function fillPostgres(port: number, postgres: Postgres): void {
  postgres.psql(
    `create schema mart; create table mart.wide (${wideColumns}); create table mart.movements (${movementColumns})`,
  )
  for (const table of ['mart.wide', 'mart.movements']) {
    const pipe = `PGPASSWORD=owner psql -X -q -h 127.0.0.1 -p ${port} -U owner warehouse -c "copy ${table} to stdout" | psql -X -q -h 127.0.0.1 -p ${postgres.port} -U postgres postgres -c "copy ${table} from stdin"`
    const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', pipe], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
  }
  postgres.psql(
    'vacuum analyze mart.wide; vacuum analyze mart.movements; create index on mart.movements (account_id)',
  )
}

async function measure(ours: Ours, postgres: Postgres): Promise<BenchResult> {
  const seen: Record<string, string> = {}
  const sides = {
    ours: { port: ours.port, user: 'owner' },
    postgres: { port: postgres.port, user: 'postgres' },
  }
  type Side = keyof typeof sides
  const best = async (name: string, times: (side: Side) => Promise<number[]>, amount: number) => {
    const of: Record<Side, number[]> = { ours: [], postgres: [] }
    for (let round = 0; round < 2; round++)
      for (const side of ['postgres', 'ours'] as const) of[side].push(...(await times(side)))
    const [own, theirs] = [Math.min(...of.ours), Math.min(...of.postgres)]
    const rate = (ms: number) => Math.round((amount / ms) * 1_000).toLocaleString('en')
    seen[name] = `${rate(own)}/s, PostgreSQL ${rate(theirs)}/s`
    process.stderr.write(`${name}: ${seen[name]}\n`)
    return theirs / own
  }
  const client = (kind: string, sql: string, times: number) => async (side: Side) => {
    const { port, user } = sides[side]
    const { stdout } = await run1(process.execPath, [
      join(helpers, 'client.ts'),
      kind,
      String(port),
      user,
      sql,
      String(times),
    ])
    return JSON.parse(stdout) as number[]
  }
  const all = 'select * from mart.wide'
  const ratios: Record<string, number> = {}
  ratios['raw_wire'] = await best('raw wire, rows', client('raw', all, 3), million)
  ratios['node_postgres'] = await best(
    'node-postgres, rows',
    client('node-postgres', all, 2),
    million,
  )
  const classes = mkdtempSync(join(tmpdir(), 'fdx-jdbc-'))
  const jar = '/usr/share/java/postgresql.jar'
  await run1('javac', ['-d', classes, join(helpers, 'Jdbc.java')])
  ratios['pgjdbc'] = await best(
    'pgjdbc, rows',
    async (side) => {
      const { port, user } = sides[side]
      const url = `jdbc:postgresql://127.0.0.1:${port}/${side === 'ours' ? 'warehouse' : 'postgres'}`
      const { stdout } = await run1('java', [
        '-Xmx512m',
        '-cp',
        `${jar}:${classes}`,
        'Jdbc',
        url,
        user,
        all,
        '3',
      ])
      return JSON.parse(stdout) as number[]
    },
    million,
  )
  rmSync(classes, { recursive: true })
  ratios['prepared_round_trip'] = await best(
    'prepared round trips',
    client('prepared', 'select $1::integer + 1', 2),
    1_000,
  )
  for (const [index, sql] of dashboards.entries())
    ratios[`dashboard_${index + 1}`] = await best(
      `dashboard ${index + 1}`,
      client('node-postgres', sql, 2),
      1,
    )
  ratios['dashboards_worst'] = Math.min(
    ...dashboards.map((_, index) => ratios[`dashboard_${index + 1}`] ?? 0),
  )
  ratios['select_1_seconds'] = await besideLongQueries(ours.port)
  Object.assign(ratios, await memoryOfResults(ours, seen))
  return {
    ratios,
    goals: {
      raw_wire: { atLeast: 0.6 },
      node_postgres: { atLeast: 0.9 },
      pgjdbc: { atLeast: 0.9 },
      prepared_round_trip: { atLeast: 0.3 },
      dashboards_worst: { atLeast: 4 },
      select_1_seconds: { atMost: 1 },
      memory_20x_result: { atMost: 1.3 },
      memory_spooled_to_limit: { atMost: 1 },
    },
    seen,
  }
}

const connect = async (port: number) => {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'owner',
    password: 'owner',
    database: 'warehouse',
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

/** The slowest `SELECT 1`, in seconds, while more long queries run than the endpoint has threads. */
async function besideLongQueries(port: number): Promise<number> {
  const long = await Promise.all(Array.from({ length: 48 }, () => connect(port)))
  const quick = await connect(port)
  const endless = [
    'select count(*) from mart.movements a, mart.movements b where a.amount + b.amount = 0.5',
    // One call without a table, which DuckDB cannot interrupt.
    "select length(regexp_replace(repeat('a', 10000000), 'a', 'bb', 'g'))",
  ]
  const running = long.map((client, index) =>
    client.query(endless[index % endless.length] ?? '').catch(() => {}),
  )
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  let slowest = 0
  for (let time = 0; time < 20; time++) {
    const start = performance.now()
    await quick.query('select 1')
    slowest = Math.max(slowest, performance.now() - start)
  }
  for (const client of long)
    (
      client as unknown as { connection: { stream: { destroy(): void } } }
    ).connection.stream.destroy()
  await Promise.race([Promise.all(running), new Promise((resolve) => setTimeout(resolve, 5_000))])
  await quick.end()
  return slowest / 1_000
}

/**
 * Largest memory of the endpoint while results of five and twenty million rows stream, by that of one million; and, for a
 * UNION, which goes through the spool, what comes on top of that by the memory of the role.
 */
async function memoryOfResults(
  ours: Ours,
  seen: Record<string, string>,
): Promise<Record<string, number>> {
  const peak = async (sql: string) => {
    let most = 0
    const look = async () => {
      most = Math.max(most, await ours.memory())
    }
    const watch = setInterval(() => void look(), 50)
    await run1(process.execPath, [
      join(helpers, 'client.ts'),
      'raw',
      String(ours.port),
      'owner',
      sql,
      '1',
    ])
    clearInterval(watch)
    return most
  }
  const one = await peak(`select * from mart.movements where id < ${million}`)
  const five = await peak('select * from mart.movements')
  const twenty = await peak('select m.* from mart.movements m, generate_series(1, 4)')
  const union = await peak(
    Array.from({ length: 12 }, () => 'select * from mart.movements').join(' union all '),
  )
  const mb = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`
  seen['memory'] =
    `${mb(one)} for 1 M rows, ${mb(five)} for 5 M, ${mb(twenty)} for 20 M, ${mb(union)} for a UNION of 60 M`
  const limit = Number.parseInt(serveSchema.parse({}).sql.roles.owner.memory, 10) * 1_000 ** 3
  return {
    memory_20x_result: Math.max(five, twenty) / one,
    memory_spooled_to_limit: (union - one) / limit,
  }
}
