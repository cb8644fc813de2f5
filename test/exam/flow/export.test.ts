import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { purge } from '../../../src/purge.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { exportTables } from '../../../src/serve/export.ts'
import { exportsIn, type Manifest } from '../../../src/serve/export-folder.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import type { Connection } from '../../../src/state/connections.ts'
import { realWorld } from '../../../src/world.ts'
import { type Flow, openFlow } from '../../support/flow.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 400_000 })

let sandbox: Sandbox
let flow: Flow
let person: Connection
let folder: string

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, transactions: 60 })
  flow = await openFlow(sandbox)
  person = await flow.connect('outbound', 0)
  await flow.connect('outbound', 1)
  await flow.run('outbound')
  folder = join(flow.paths.root, 'exports')
})
afterAll(async () => {
  flow[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

const exportNow = (more: Partial<Parameters<typeof exportTables>[2]> = {}) =>
  exportTables(flow.paths, flow.state, {
    to: folder,
    format: 'parquet',
    tables: [],
    role: 'analyst',
    keep: 2,
    now: Date.now(),
    ...more,
  })

async function read(sql: string): Promise<string[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(`set TimeZone = 'UTC'; ${sql}`)
  const rows = reader.getRows().map((row) => row.map(String))
  connection.closeSync()
  instance.closeSync()
  return rows
}

async function ask(sql: string, role: 'owner' | 'analyst' = 'owner'): Promise<string[][]> {
  using generation = await openCurrent(flow.paths, { role })
  return (await generation.query(sql)).rows.map((row) => row.map(String))
}

test('Parquet of every mart: the manifest is true, decimals stay decimals, nobody is named', async () => {
  const { manifest } = await exportNow()
  const marts = await ask(
    `select 'mart.' || view_name from duckdb_views() where schema_name = 'mart' order by 1`,
  )
  expect(manifest.tables.map(({ name }) => name)).toEqual(marts.map(([name]) => name))
  const current = join(folder, 'current')
  for (const { name, files, rows } of manifest.tables) {
    expect([name, files.reduce((sum, file) => sum + file.rows, 0)]).toEqual([name, rows])
    expect([[String(rows)]]).toEqual([await ask(`select count(*) from ${name}`)].flat())
    for (const { path, bytes, sha256 } of files) {
      const content = readFileSync(join(current, path))
      expect([path, content.length, createHash('sha256').update(content).digest('hex')]).toEqual([
        path,
        bytes,
        sha256,
      ])
    }
  }
  const inFolder = globSync('**/*.parquet', { cwd: current }).sort()
  expect(inFolder).toEqual(manifest.tables.flatMap(({ files }) => files.map((f) => f.path)).sort())

  const parquet = `read_parquet('${current}/mart.transactions/**/*.parquet')`
  const columns = 'transaction_id, date, amount, signed_amount, first_seen_at, description'
  expect(await read(`select ${columns} from ${parquet} order by all`)).toEqual(
    await ask(`select ${columns} from mart.transactions order by all`, 'analyst'),
  )
  expect(await read(`select distinct typeof(amount) from ${parquet}`)).toEqual([['DECIMAL(38,9)']])
  expect(inFolder.some((path) => /^mart\.transactions\/year=\d{4}\//.test(path))).toBe(true)
  const nickname =
    await read(`select count(name) from read_parquet('${current}/mart.accounts.parquet') where name in
    (${(await ask('select nickname from fdx.deposit_accounts where nickname is not null')).map(([one]) => `'${one}'`).join(', ') || "''"})`)
  expect(nickname).toEqual([['0']])
})

test('exports are whole or not there: current is a link, older ones go, a failure leaves nothing', async () => {
  await exportNow({ tables: ['accounts'] })
  await exportNow({ tables: ['accounts'] })
  const before = exportsIn(folder)
  expect(before.length).toBe(2)
  await expect(exportNow({ tables: ['nothing'] })).rejects.toMatchObject({ code: 'USAGE' })
  const stop = new AbortController()
  const stopped = exportNow({ signal: stop.signal, onTable: () => stop.abort() })
  await expect(stopped).rejects.toMatchObject({ code: 'STOPPED' })
  expect(readdirSync(folder).sort()).toEqual(['current', ...before].sort())
  expect(statSync(join(folder, 'current')).ino).toBe(statSync(join(folder, before[1] ?? '')).ino)
})

test('CSV: text that a spreadsheet would run is text, numbers stay numbers', async () => {
  const formulas = ['=HYPERLINK("http://x")', '-1+1', '\tcmd', '＝1+1', '@sum', 'plain', 'a,"b"']
  const { columnExpression } = await import('../../../src/serve/export-columns.ts')
  const text = columnExpression({ name: 'v', type: 'VARCHAR' }, 'csv')
  const values = formulas.map((one) => `('${one}')`).join(', ')
  const rows = await read(`select ${text} from (values ${values}) as t(v)`)
  expect(rows.flat()).toEqual([
    `'=HYPERLINK("http://x")`,
    `'-1+1`,
    `'\tcmd`,
    `'＝1+1`,
    `'@sum`,
    'plain',
    'a,"b"',
  ])
  const { folder: made } = await exportNow({ format: 'csv', tables: ['transactions'] })
  const file = join(made, 'mart.transactions.csv')
  const amounts = `select sum(signed_amount::decimal(38,9)), count(*) from read_csv('${file}', all_varchar = true, header = true)`
  expect(await read(amounts)).toEqual(
    await ask('select sum(signed_amount), count(*) from mart.transactions'),
  )
  expect(readFileSync(file, 'utf8')).toMatch(/,-\d+\.\d{9},/)
})

test('--since: only what was loaded after; what is worked out is whole', async () => {
  const { manifest: whole } = await exportNow()
  const since = new Date().toISOString()
  const { manifest: nothing } = await exportNow({ since })
  expect(tableOf(nothing, 'mart.transactions')).toMatchObject({ rows: 0, whole: false })
  expect(tableOf(nothing, 'mart.net_worth_daily')).toMatchObject({
    rows: tableOf(whole, 'mart.net_worth_daily')?.rows,
    whole: true,
  })
  await flow.connect('outbound', 2)
  await flow.run('outbound')
  const { manifest: more } = await exportNow({ since })
  const [[all] = []] = await ask('select count(*) from mart.transactions')
  const rows = tableOf(more, 'mart.transactions')?.rows ?? 0
  expect(rows).toBeGreaterThan(0)
  expect(rows).toBeLessThanOrEqual(Number(all))
  expect(more.since).toBe(since)
})

test('--since last: what is loaded while an export is written is in the next; exports of other tables do not count', async () => {
  const transactions = (more: Parameters<typeof exportNow>[0] = {}) =>
    exportNow({ tables: ['transactions'], keep: 10, ...more })
  const id = `concat_ws('/', connection_id, account_id, transaction_id)`
  const allIds = () =>
    ask(`select distinct ${id} from mart.transactions`).then((rows) => rows.flat().sort())
  const idsOf = async ({ folder: made }: Awaited<ReturnType<typeof exportNow>>) =>
    (
      await read(
        `select distinct ${id} from read_parquet('${made}/mart.transactions/**/*.parquet')`,
      )
    ).flat()
  await expect(transactions({ since: 'last', role: 'owner' })).rejects.toMatchObject({
    code: 'USAGE',
  })

  // The first export has leased its generation when the next is loaded and published.
  const before = await allIds()
  let loading: Promise<unknown> | undefined
  const first = await transactions({
    role: 'owner',
    onTable: () => {
      loading = flow.connect('outbound', 3).then(() => flow.run('outbound'))
    },
  })
  await loading
  const after = await allIds()
  expect(after.length).toBeGreaterThan(before.length)
  expect((await idsOf(first)).sort()).toEqual(before)

  // Exports of other tables, roles and formats are newer, and say nothing of these.
  await exportNow({ tables: ['accounts'], keep: 10, role: 'owner' })
  await transactions()
  await transactions({ format: 'csv', role: 'owner' })
  const next = await transactions({ since: 'last', role: 'owner' })
  expect(next.manifest.since).toBe(first.manifest.loaded_until)
  const both = new Set([...(await idsOf(first)), ...(await idsOf(next))])
  expect([...both].sort()).toEqual(after)

  const last = await transactions({ since: 'last', role: 'owner' })
  expect(tableOf(last.manifest, 'mart.transactions')).toMatchObject({ rows: 0, whole: false })
  expect(last.manifest.loaded_until).toBe(next.manifest.loaded_until)
})

const tableOf = ({ tables }: Manifest, name: string) => tables.find((table) => table.name === name)

test('a purge erases the exports, and its receipt says so', async () => {
  await exportNow({ role: 'owner', tables: ['fdx.customers', 'accounts'] })
  const receipt = await purge(person, {
    ...flow,
    world: realWorld,
    signal: new AbortController().signal,
    providerOf: () => flow.job('outbound').provider,
    onWait: () => {},
  })
  expect(receipt.erased.exports).toBeGreaterThan(1)
  expect(exportsIn(folder)).toEqual([])
  expect(existsSync(join(folder, 'current'))).toBe(false)
})
