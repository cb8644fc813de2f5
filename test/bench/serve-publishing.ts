import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { dataPaths } from '../../src/config/settings.ts'
import type { BenchResult } from './bench.ts'

const helpers = join(import.meta.dirname, 'serve')
const clients = 20
const idleMs = 8_000
const busyMs = 40_000
/** On a machine that is busy with other things it goes on until so many loads were read. */
const enoughGenerations = 3
const longestMs = 180_000

/** What a dashboard's small tile asks. */
const small = `select category, count(*), sum(amount) from mart.tile group by category order by category`
/** Rows of a load that is not whole: each load writes one number into a million rows of one table and as many of another. */
const torn = `select (select count(distinct load) from mart.movements) as loads, (select count(*) from mart.movements) as movements,
  (select min(load) from mart.movements) = (select max(load) from mart.checks) as same`

/**
 * While a load of a million rows publishes in a loop: 20 clients read, in single statements, transactions and cursors. No
 * error, no torn load, and the 95th percentile of a small query beside its value while nothing loads.
 */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-bench-publishing-'))
  const { generations } = dataPaths(folder)
  mkdirSync(generations, { recursive: true })
  const loader = fork(join(helpers, 'loader.ts'), [folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  try {
    await told(loader, 'once')
    const { child, port } = await startEndpoint(folder)
    try {
      const connections = await Promise.all(Array.from({ length: clients }, () => connect(port)))
      const idle = await read(connections, idleMs, 0)
      loader.send('loop')
      const busy = await read(connections, busyMs, enoughGenerations)
      const loads = await told(loader, 'stop')
      await Promise.all(connections.map((client) => client.end()))
      const p95 = (times: readonly number[]) =>
        [...times].sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0
      return {
        ratios: {
          errors: busy.errors.length,
          torn: busy.torn,
          p95_of_idle: p95(busy.times) / p95(idle.times),
          generations_seen: busy.generations.size,
        },
        goals: {
          errors: { atMost: 0 },
          torn: { atMost: 0 },
          p95_of_idle: { atMost: 3 },
          generations_seen: { atLeast: enoughGenerations },
        },
        seen: {
          'small query p95': `${p95(busy.times).toFixed(1)} ms, idle ${p95(idle.times).toFixed(1)} ms`,
          queries: `${busy.times.length} small, ${busy.checks} checks for torn loads, ${loads} loads published`,
          'first errors': busy.errors.slice(0, 3).join('; ') || 'none',
          'files left': readdirSync(generations).length.toString(),
        },
      }
    } finally {
      child.kill()
    }
  } finally {
    loader.kill()
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
  }
}

interface Seen {
  readonly times: number[]
  readonly errors: string[]
  readonly generations: Set<string>
  torn: number
  checks: number
}

/** All clients ask for `ms`, and until `enough` generations were seen; every fourth checks for torn loads, in one of three ways. */
async function read(connections: readonly pg.Client[], ms: number, enough: number): Promise<Seen> {
  const seen: Seen = { times: [], errors: [], generations: new Set(), torn: 0, checks: 0 }
  const start = performance.now()
  const goesOn = () => {
    const spent = performance.now() - start
    return spent < ms || (seen.generations.size < enough && spent < longestMs)
  }
  const judge = (row: Record<string, unknown> | undefined) => {
    seen.checks++
    if (row?.['loads'] !== '1' || row['movements'] !== '1000000' || row['same'] !== true)
      seen.torn++
  }
  await Promise.all(
    connections.map(async (client, index) => {
      for (let turn = 0; goesOn(); turn++) {
        try {
          const asked = performance.now()
          await client.query(small)
          seen.times.push(performance.now() - asked)
          if (index % 4 === 0 && turn % 5 === 0) {
            if (turn % 3 === 0) judge((await client.query(torn)).rows[0])
            else {
              await client.query('begin')
              const first = (await client.query('select max(load) as load from mart.checks'))
                .rows[0]
              await client.query('declare c cursor for select load from mart.movements')
              await client.query('fetch 10 from c')
              await sleep(200)
              judge((await client.query(torn)).rows[0])
              const later = (await client.query('fetch 10 from c')).rows[0]
              if (String(later?.load) !== String(first?.load)) seen.torn++
              await client.query('commit')
            }
          }
          if (index === 1) seen.generations.add(await generationOf(client))
          await sleep(20)
        } catch (error) {
          seen.errors.push((error as Error).message)
        }
      }
    }),
  )
  return seen
}

const told = (child: ChildProcess, message: string) =>
  new Promise<number>((resolve, reject) => {
    child.once('message', (answer) => resolve(Number(answer)))
    child.once('exit', () => reject(new Error('the loader ended')))
    child.send(message)
  })

const generationOf = async (client: pg.Client) =>
  String(Object.values((await client.query('show warehouse.generation')).rows[0] ?? {})[0])

async function connect(port: number): Promise<pg.Client> {
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

function startEndpoint(folder: string): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(join(helpers, 'endpoint.ts'), [folder], {
    stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '32' },
  })
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (line) => resolve({ child, port: Number(line) }))
    child.once('exit', () => reject(new Error('the endpoint ended')))
  })
}
