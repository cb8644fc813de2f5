import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { dataPaths } from '../../../src/config/settings.ts'
import { publish } from '../../../src/serve/publish.ts'
import { type Serving, startServe, until } from '../../support/serve.ts'
import { check } from '../support/check.ts'

/**
 * Many clients of `fdx serve` at once: while loads are published, a hundred of them, and when the SQL process is killed. It
 * has data of its own: each load writes its number into every row of two tables.
 */
const publishes = 60
const readers = 5
const rows = 20_000
const password = 'correct horse battery'

const folder = mkdtempSync(join(tmpdir(), 'fdx-crowd-'))
const paths = dataPaths(join(folder, 'data'))
const env = {
  HOME: folder,
  FDX_DATA_DIR: paths.root,
  FDX_PIPELINES_DIR: join(folder, 'pipelines'),
  FDX_VAULT_KEY: randomBytes(32).toString('base64'),
}

async function load(number: number): Promise<void> {
  const instance = await DuckDBInstance.create(paths.warehouse)
  const connection = await instance.connect()
  await connection.run(
    `begin; create schema if not exists mart;
     create or replace table mart.movements as select ${number} as load, range as id from range(${rows});
     create or replace table mart.checks as select ${number} as load; commit; checkpoint`,
  )
  connection.closeSync()
  instance.closeSync()
  await publish(paths, { masked: false })
}

/** Everyone logs in as the owner: 100 sessions, as its role may have. */
async function connect({ sql }: Serving): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: sql?.port ?? 0,
    database: 'warehouse',
    user: 'owner',
    password,
  })
  client.on('error', () => {})
  await client.connect()
  return client
}

const told = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Which load both tables hold; says so when they differ. */
const whole = `select case when min(m.load) = max(m.load) and min(m.load) = any_value(c.load) and count(*) = ${rows} then min(m.load) end as load
  from mart.movements as m, mart.checks as c`

async function publishWhileReading(serving: Serving): Promise<string> {
  const seen = new Set<number>()
  const problems = new Set<string>()
  let torn = 0
  let over = false
  const read = async (client: pg.Client, index: number) => {
    const note = (load: number | null) => (load === null ? torn++ : seen.add(load))
    const loadOf = async (sql: string) =>
      (await client.query<{ load: number | null }>(sql)).rows[0]?.load ?? null
    for (let turn = 0; !over; turn++) {
      note(await loadOf(whole))
      if ((index + turn) % 2 === 0) continue
      // A transaction and its cursor stay with one load, however many are published meanwhile.
      await client.query(
        'begin; declare c cursor for select load from mart.movements; fetch 10 from c',
      )
      const first = await loadOf(whole)
      await sleep(500)
      const rest = await client.query<{ load: number }>('fetch all from c')
      if (rest.rows.length !== rows - 10 || rest.rows.some(({ load }) => load !== first)) torn++
      if ((await loadOf(whole)) !== first) torn++
      await client.query('commit')
    }
  }
  const clients = await Promise.all(Array.from({ length: readers }, () => connect(serving)))
  const reading = clients.map((client, index) =>
    read(client, index).catch((error: unknown) => problems.add(told(error))),
  )
  for (let number = 2; number <= publishes + 1; number++) {
    await load(number)
    await sleep(200)
  }
  const newest = async () => {
    await sleep(200)
    return seen.has(publishes + 1) || problems.size > 0
  }
  await until(newest, 30)
  over = true
  await Promise.all(reading)
  await Promise.all(clients.map((client) => client.end()))
  const moved = seen.size > 3 ? 'several' : seen.size
  return `${publishes} published, ${moved} seen, ${torn} torn, errors: ${[...problems].join('; ') || 'none'}`
}

/** Old generations go when nobody reads them any more. */
async function filesLeft(): Promise<string> {
  const generations = () =>
    readdirSync(paths.generations).filter((name) => /^\d+\.duckdb$/.test(name))
  for (let turn = 0; turn < 10 && generations().length > 3; turn++) {
    await sleep(2_000) // an engine is closed a while after its successor has opened
    await publish(paths, { masked: false })
  }
  return `${generations().length} generations`
}

async function hundred(serving: Serving): Promise<string> {
  const clients = await Promise.all(Array.from({ length: 100 }, () => connect(serving)))
  const refused = await connect(serving).then(
    () => 'let in',
    (error: { code?: string }) => error.code,
  )
  const heavy = 'select count(*)::integer as n from range(3000000) as t(a) where hash(a) % 7 < 9'
  const answers = await Promise.all(
    clients.map(async (client, index) => {
      const { rows: found } = await (index % 2 === 0
        ? client.query(heavy)
        : client.query('select $1::integer as n', [index]))
      return found[0].n === (index % 2 === 0 ? 3_000_000 : index)
    }),
  )
  await Promise.all(clients.map((client) => client.end()))
  return `${answers.filter(Boolean).length} right answers, one more: ${refused}`
}

async function killed(serving: Serving): Promise<string> {
  const endless = 'select count(*) from range(1000000000000) as t(a) where hash(a) % 7 = 3'
  const client = await connect(serving)
  const running = client.query(endless).then(
    () => 'an answer',
    (error: Error) => error.message,
  )
  // Its own, not that of another `fdx serve`: what this one said it started.
  const { pid } = serving.lines().findLast(({ msg }) => msg === 'SQL endpoint started') ?? {}
  await sleep(300)
  process.kill(Number(pid), 'SIGKILL')
  const message = await running
  let back: pg.Client | undefined
  await until(async () => {
    back = await connect(serving).catch(() => undefined)
    return back !== undefined
  }, 60)
  const again = await back?.query<{ n: number }>('select count(*)::integer as n from mart.checks')
  await back?.end()
  return `${message}; again: ${again?.rows[0]?.n}`
}

try {
  mkdirSync(join(folder, 'pipelines'))
  mkdirSync(paths.root, { recursive: true })
  await load(1)
  execFileSync(
    process.execPath,
    ['src/fdx.js', 'sql', 'user', 'add', 'owner', '--role', 'owner', '--password-stdin'],
    {
      env: { ...process.env, ...env },
      input: password,
      stdio: ['pipe', 'ignore', 'ignore'],
    },
  )
  await using serving = await startServe(env, ['--only', 'sql', '--sql-port', '0'])
  await check('publishing', '60 publishes, 5 clients', () => publishWhileReading(serving))
  await check('publishing', 'old files are released', filesLeft)
  await check('hundred', '100 clients at once', () => hundred(serving))
  await check('killed', 'the SQL process dies in a query', () => killed(serving))
  await serving.stop()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
