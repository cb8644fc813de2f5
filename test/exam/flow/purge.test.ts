import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endConnection } from '../../../src/connect/end.ts'
import { contents } from '../../../src/land/frames.ts'
import { purge } from '../../../src/purge.ts'
import { type Sandbox, type SandboxPerson, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { brokenAudit } from '../../../src/state/audit.ts'
import {
  type Connection,
  getConnection,
  setConnectionState,
} from '../../../src/state/connections.ts'
import { runConnections } from '../../../src/state/runs.ts'
import { realWorld } from '../../../src/world.ts'
import { type Flow, openFlow } from '../../support/flow.ts'

let sandbox: Sandbox
let flow: Flow
beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, today: '2026-11-01', transactions: 40 })
  flow = await openFlow(sandbox)
})
afterEach(async () => {
  flow[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

const purgeNow = (connection: Connection) =>
  purge(connection, {
    ...flow,
    world: realWorld,
    signal: new AbortController().signal,
    providerOf: () => flow.job('outbound').provider,
    onWait: () => {},
  })

/** Every byte of the data folder, segments unpacked. */
function everything(): string {
  const files = globSync('**/*', { cwd: flow.paths.root, withFileTypes: true }).filter((f) =>
    f.isFile(),
  )
  return files
    .map((file) => {
      const bytes = readFileSync(join(file.parentPath, file.name))
      const text = file.name.endsWith('.zst') ? Buffer.concat([...contents(bytes)]) : bytes
      return text.toString('latin1')
    })
    .join('\n')
}

async function ask(sql: string) {
  using generation = await openCurrent(flow.paths)
  const { rows } = await generation.query(sql)
  return rows[0] ?? []
}

async function rowsOf(connectionId: string): Promise<number> {
  const [rows] = await ask(
    `select (select count(*) from mart.accounts where connection_id = '${connectionId}')
          + (select count(*) from mart.transactions where connection_id = '${connectionId}')`,
  )
  return Number(rows)
}

/** What is kept as evidence, and the connection as a tombstone. */
const ofTheOffice: ReadonlySet<string> = new Set([
  'ops.audit',
  'ops.connections',
  'ops.consents',
  'ops.run_connections',
  'ops.run_issues',
])

async function tablesOfConnections() {
  using generation = await openCurrent(flow.paths)
  const { rows } = await generation.query(
    `select c.schema_name || '.' || c.table_name, c.column_name from duckdb_columns() as c
     join duckdb_tables() using (database_name, schema_name, table_name)
     where c.column_name in ('connection_id', 'other_connection_id') order by all`,
  )
  return rows
}

test('what was withdrawn is gone to the last byte; the others stay; a new run brings nothing back', async () => {
  const gone = await flow.connect('outbound', 0)
  const stays = await flow.connect('outbound', 1)
  await flow.run('outbound')
  const before = await rowsOf(stays.id)
  expect(await rowsOf(gone.id)).toBeGreaterThan(0)
  const marks = marksOf(sandbox.truth('outbound', 0))
  const others = marksOf(sandbox.truth('outbound', 1))
  expect(marks.filter((mark) => everything().includes(mark))).not.toEqual([])

  // What a rebuild has set aside holds people's data too.
  const damaged = `${flow.paths.warehouse}.damaged-20260101T000000`
  copyFileSync(flow.paths.warehouse, damaged)
  const receipt = await purgeNow(gone)
  expect(receipt.erased).toMatchObject({
    secrets: 1,
    rows: { '"fdx"."deposit_accounts"': expect.any(Number) },
  })
  expect(receipt.erased.pages).toBeGreaterThan(2)
  expect(receipt.hash).toMatch(/^[0-9a-f]{64}$/)

  const left = everything()
  expect(marks.filter((mark) => left.includes(mark))).toEqual([])
  expect(others.filter((mark) => left.includes(mark))).not.toEqual([])
  expect(await rowsOf(stays.id)).toBe(before)
  expect(await rowsOf(gone.id)).toBe(0)
  for (const [table, column] of await tablesOfConnections())
    expect(
      await ask(`select count(*) from ${table} where ${column} = '${gone.id}'`),
      `${table}.${column}`,
    ).toEqual([ofTheOffice.has(String(table)) ? expect.any(String) : '0'])
  expect(existsSync(damaged)).toBe(false)
  expect(getConnection(flow.state, gone.id)).toMatchObject({
    state: 'purged',
    subject: null,
    label: '',
  })
  expect(brokenAudit(flow.state)).toBeUndefined()

  // It stays erased, whatever is asked of it.
  const { provider } = flow.job('outbound')
  const end = { ...flow, provider, world: realWorld, locks: flow.paths.locks }
  const erased = getConnection(flow.state, gone.id)
  await expect(endConnection(end, erased ?? gone)).rejects.toMatchObject({ code: 'USAGE' })
  setConnectionState(flow.state, gone.id, 'active', '', new Date().toISOString())
  expect(getConnection(flow.state, gone.id)).toEqual(erased)

  const again = await flow.run('outbound')
  const asked = runConnections(flow.state, again.extracted[0]?.runId ?? '')
  expect(asked.map(({ connection_id }) => connection_id)).toEqual([stays.id])
  expect(await rowsOf(gone.id)).toBe(0)
  expect(await purgeNow(gone)).toEqual(receipt)
})

/** Texts that belong to one person alone, as they stand in files. */
const marksOf = ({ customerId, email, sub, name }: SandboxPerson): string[] =>
  [customerId, email, sub, name].map((mark) => Buffer.from(mark).toString('latin1'))

test('a purge that is killed again and again ends with everything gone and the whole count', async () => {
  const gone = await flow.connect('rotating', 0)
  const stays = await flow.connect('rotating', 1)
  await flow.run('rotating')
  const before = await rowsOf(stays.id)
  const marks = marksOf(sandbox.truth('rotating', 0))
  const pages = Number(
    (await ask(`select count(*) from ops.pages where connection_id = '${gone.id}'`))[0],
  )

  const command = ['src/fdx.js', 'connections', 'purge', gone.id, '--yes', '--json']
  const env = { ...flow.env, PATH: process.env['PATH'] ?? '' }
  const started = performance.now()
  let untilPurging = 0
  for (const more of [0, 100, 200, 350, 500]) {
    const child = spawn(process.execPath, command, { env, stdio: 'ignore' })
    const ended = new Promise((done) => child.on('close', done))
    while (getConnection(flow.state, gone.id)?.state === 'active') await realWorld.sleep(5)
    untilPurging ||= performance.now() - started
    await Promise.race([ended, realWorld.sleep(more === 0 ? 20 : untilPurging + more)])
    child.kill('SIGKILL')
    await ended
  }
  await flow.run('rotating') // a run goes on with what was cut off

  expect(getConnection(flow.state, gone.id)).toMatchObject({ state: 'purged' })
  const left = everything()
  expect(marks.filter((mark) => left.includes(mark))).toEqual([])
  expect(await rowsOf(gone.id)).toBe(0)
  expect(await rowsOf(stays.id)).toBe(before)
  expect((await purgeNow(gone)).erased).toMatchObject({ secrets: 1, pages })
})

test('statement files go with their connection, and no other', async () => {
  const gone = await flow.connect('rotating', 0)
  const stays = await flow.connect('rotating', 1)
  const { provider, pipeline } = flow.job('rotating')
  const statements = {
    ...pipeline,
    resources: [...pipeline.resources, 'statements' as const],
    statementFiles: true,
  }
  await flow.run({ provider, pipeline: statements })
  const filesOf = (id: string) => globSync(`files/${id}/**/*`, { cwd: flow.paths.root })
  expect([filesOf(gone.id).length, filesOf(stays.id).length]).toEqual([
    expect.toSatisfy(isSome),
    expect.toSatisfy(isSome),
  ])
  await purgeNow(gone)
  expect(filesOf(gone.id)).toEqual([])
  expect(filesOf(stays.id).length).toBeGreaterThan(0)
})

const isSome = (count: number) => count > 0
