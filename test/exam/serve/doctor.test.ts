import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { DataPaths } from '../../../src/config/settings.ts'
import { dataPaths, readSettings } from '../../../src/config/settings.ts'
import { examine } from '../../../src/doctor/doctor.ts'
import type { Finding } from '../../../src/doctor/finding.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openState } from '../../../src/state/state.ts'
import { realWorld, type World } from '../../../src/world.ts'
import { openFlow } from '../../support/flow.ts'

/** One healthy folder, made once; each test harms a copy of its own. */
let sandbox: Sandbox
let healthy: string
let folder: string
let paths: DataPaths

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, accounts: 1, transactions: 20 })
  healthy = mkdtempSync(join(tmpdir(), 'fdx-healthy-'))
  using flow = await openFlow(sandbox, healthy)
  await flow.connect('v6', 0)
  await flow.run('v6')
})
afterAll(async () => {
  rmSync(healthy, { recursive: true, force: true })
  await sandbox[Symbol.asyncDispose]()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-doctor-'))
  cpSync(healthy, folder, { recursive: true })
  cpSync('pipelines', join(folder, 'pipelines'), { recursive: true })
  paths = dataPaths(join(folder, 'data'))
  // As the command's umask makes them.
  chmodSync(paths.root, 0o700)
  for (const file of [paths.stateFile, paths.warehouse]) chmodSync(file, 0o600)
  return () => rmSync(folder, { recursive: true, force: true })
})

/** What the doctor finds wrong. */
async function wrong(
  world: World = realWorld,
  env: Record<string, string> = {},
): Promise<Finding[]> {
  const settings = readSettings({
    FDX_DATA_DIR: paths.root,
    FDX_PIPELINES_DIR: join(folder, 'pipelines'),
    FDX_VAULT_KEY_FILE: join(folder, 'vault.key'),
    FDX_SANDBOX_URL: sandbox.url,
    ...env,
  })
  const findings = await examine(settings, world, { version: 'test', online: true })
  for (const { level, todo } of findings) expect(todo === '').toBe(level === 'ok')
  return findings.filter(({ level }) => level !== 'ok')
}

test('a healthy folder has nothing wrong, and looking at it changes nothing', async () => {
  const files = () => readdirSync(folder, { recursive: true }).sort()
  const before = files()
  expect(await wrong()).toEqual([])
  expect(files()).toEqual(before)
})

test('a folder that does not exist is not made', async () => {
  paths = dataPaths(join(folder, 'elsewhere'))
  expect(await wrong()).toMatchObject([{ area: 'storage', level: 'warn' }])
  expect(existsSync(paths.root)).toBe(false)
})

const harms: readonly (readonly [
  string,
  () => void,
  Pick<Finding, 'area' | 'level'> & { says: RegExp; todo: RegExp },
])[] = [
  [
    'another key',
    () => writeFileSync(join(folder, 'vault.key'), `${randomBytes(32).toString('base64')}\n`),
    { area: 'key', level: 'fail', says: /another key/, todo: /README/ },
  ],
  [
    'no key',
    () => rmSync(join(folder, 'vault.key')),
    { area: 'key', level: 'fail', says: /does not exist/, todo: /README/ },
  ],
  [
    'a data folder that others may look into',
    () => chmodSync(paths.root, 0o755),
    { area: 'storage', level: 'warn', says: /others may look into/, todo: /chmod 700/ },
  ],
  [
    'a state store that others may read',
    () => chmodSync(paths.stateFile, 0o644),
    { area: 'storage', level: 'warn', says: /others may read/, todo: /chmod 600/ },
  ],
  [
    'a state store that is none',
    () => writeFileSync(paths.stateFile, randomBytes(8_192)),
    { area: 'state', level: 'fail', says: /cannot be opened/, todo: /incidents\.md/ },
  ],
  [
    'a damaged generation',
    () => writeFileSync(join(paths.generations, '00000001.duckdb'), randomBytes(50_000)),
    { area: 'warehouse', level: 'fail', says: /generation/, todo: /incidents\.md/ },
  ],
  [
    'a load that was cut off',
    () => writeFileSync(`${paths.warehouse}.wal`, ''),
    { area: 'warehouse', level: 'warn', says: /cut off/, todo: /never delete/ },
  ],
  [
    'a run that was cut off',
    () => {
      using state = openState(paths.stateFile)
      state.db.exec(`update runs set status = 'running', ended_at = null`)
    },
    { area: 'locks', level: 'warn', says: /sandbox-v6-nightly was cut off/, todo: /fdx run/ },
  ],
  [
    'a connection that waits for a person',
    () => {
      using state = openState(paths.stateFile)
      state.db.exec(`update connections set state = 'reauth'`)
    },
    { area: 'state', level: 'warn', says: /1 connections wait/, todo: /fdx status/ },
  ],
  [
    'a pipeline with a bad cron line',
    () => replace('sandbox-v6-nightly.yaml', /schedule: .*/, 'schedule: 61 * * * *'),
    { area: 'configuration', level: 'fail', says: /schedule/, todo: /correct/ },
  ],
  [
    'a provider’s file that is gone while somebody is connected',
    () => {
      rmSync(join(folder, 'pipelines', 'providers', 'sandbox-v6.yaml'))
      rmSync(join(folder, 'pipelines', 'sandbox-v6-nightly.yaml'))
    },
    { area: 'configuration', level: 'fail', says: /sandbox-v6, which has no file/, todo: /back/ },
  ],
  [
    'a pipeline that is gone while somebody is connected',
    () => rmSync(join(folder, 'pipelines', 'sandbox-v6-nightly.yaml')),
    { area: 'configuration', level: 'warn', says: /no pipeline asks sandbox-v6/, todo: /add/ },
  ],
]

const replace = (name: string, from: RegExp, to: string) => {
  const file = join(folder, 'pipelines', name)
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
}

test.each(harms)('%s: found, and nothing else is', async (_, harm, { says, todo, ...finding }) => {
  harm()
  const found = await wrong()
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject(finding)
  expect(found[0]?.says).toMatch(says)
  expect(found[0]?.todo).toMatch(todo)
})

test('a provider that cannot be reached, by the code of the network’s error', async () => {
  const closed = await startSandbox({ port: 0 })
  await closed[Symbol.asyncDispose]()
  const found = await wrong(realWorld, { FDX_SANDBOX_URL: closed.url })
  expect(found.find(({ area }) => area === 'providers')).toMatchObject({
    level: 'fail',
    says: expect.stringContaining('ECONNREFUSED'),
  })
})

test.each([
  [30, 'warn', 'ahead of'],
  [-90, 'fail', 'behind'],
])('a clock that is %i s off', async (seconds, level, says) => {
  const now = () => Date.now() + seconds * 1_000
  expect(await wrong({ ...realWorld, now })).toMatchObject([
    { area: 'clock', level, says: expect.stringContaining(says) },
  ])
})
