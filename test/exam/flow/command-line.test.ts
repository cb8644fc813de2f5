import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { request } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { newPlace, type Place } from '../../support/fdx.ts'

let place: Place
beforeEach(() => {
  place = newPlace()
})
afterEach(() => place[Symbol.dispose]())

test.each<[string, string[], RegExp]>([
  ['a wrong word', ['rnu'], /unknown command 'rnu'[\s\S]*Usage: fdx/],
  ['no word', [], /Usage: fdx/],
  ['a wrong flag', ['run', '--colour'], /unknown option '--colour'/],
  ['a run of nothing', ['run'], /name a pipeline.*sandbox-outbound-nightly/],
  ['an unknown pipeline', ['run', 'nightly'], /nightly.yaml does not exist/],
  [
    'an unknown provider',
    ['connect', 'a-bank'],
    /no provider "a-bank"; there are: .*flinks-outbound/,
  ],
  ['no vault key', ['connect', 'sandbox-outbound'], /FDX_VAULT_KEY_FILE does not exist/],
  [
    'a missing secret',
    ['connect', 'flinks-outbound'],
    /environment variable FLINKS_OUTBOUND_CLIENT_ID/,
  ],
  ['a day that is none', ['sandbox', '--today', 'now'], /--today: expected YYYY-MM-DD/],
  ['an impossible port', ['sandbox', '--port', 'x'], /--port: expected a whole number/],
])('%s ends with usage and exit code 2', async (_name, args, message) => {
  const { exit, stderr, stdout } = await place.fdx(args)
  expect([exit, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(message)
})

test('what looks in the wrong place, or is in the way, is refused with what to do', async () => {
  const inside = await place.fdx(['vault', 'new-key', join(place.data, 'vault.key')])
  expect([inside.exit, inside.stderr]).toEqual([2, expect.stringMatching(/inside the data folder/)])
  await place.fdx(['vault', 'new-key', join(place.folder, 'vault.key')])
  for (const args of [
    ['run', '--all'],
    ['schedule', '--list'],
  ]) {
    const { exit, stderr } = await place.fdx(args, { FDX_PIPELINES_DIR: place.folder })
    expect([exit, stderr]).toEqual([
      2,
      expect.stringMatching(/no pipelines in .*FDX_PIPELINES_DIR/),
    ])
  }
  const port = createServer().listen(0, '127.0.0.1')
  await once(port, 'listening')
  const taken = String((port.address() as AddressInfo).port)
  const { exit, stderr } = await place.fdx(['sandbox', '--port', taken])
  port.close()
  expect([exit, stderr]).toEqual([2, expect.stringMatching(/in use.*--port 0/)])
  const nowhere = join(place.folder, 'no', 'answer.parquet')
  const written = await place.fdx(['query', 'select 1', '--parquet', nowhere])
  expect([written.exit, written.stderr]).toEqual([2, expect.stringMatching(/there is no folder/)])
  expect(existsSync(join(place.folder, 'no'))).toBe(false)
})

test('a query before any load says what to do first', async () => {
  const { exit, stderr } = await place.fdx(['query', 'select 1'])
  expect([exit, stderr]).toEqual([1, expect.stringContaining('npm start')])
})

test('help goes to stdout and ends with 0', async () => {
  const { exit, stdout } = await place.fdx(['--help'])
  expect(exit).toBe(0)
  for (const word of ['demo', 'sandbox', 'connect', 'run', 'query', 'status', 'vault'])
    expect(stdout).toMatch(new RegExp(`^ +${word}`, 'm'))
})

test('faults are told as JSON too, where JSON was asked for', async () => {
  const { exit, stdout } = await place.fdx(['run', 'nightly', '--json'])
  expect(exit).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'CONFIG_INVALID' } })
})

/** Opens the consent page that `fdx connect --no-browser` prints, and approves as a person would. */
async function connect(at: Place, provider: string, person: number, env: Record<string, string>) {
  const child = spawn(
    process.execPath,
    ['src/fdx.js', 'connect', provider, '--no-browser', '--json'],
    {
      env: {
        ...process.env,
        FDX_DATA_DIR: at.data,
        FDX_VAULT_KEY_FILE: join(at.folder, 'vault.key'),
        ...env,
      },
    },
  )
  let said = ''
  let printed = ''
  child.stdout.on('data', (part) => {
    printed += part
  })
  const exit = new Promise<number>((ended) => child.on('close', (code) => ended(code ?? -1)))
  const link = await new Promise<URL>((found) =>
    child.stderr.on('data', (part) => {
      said += part
      const line = said.split('\n').find((text) => text.trim().startsWith('http'))
      if (line && said.includes(`${line}\n`)) found(new URL(line.trim()))
    }),
  )
  link.searchParams.set('approve', String(person))
  const consent = await request(link)
  await consent.body.dump()
  await request(String(consent.headers['location'])).then(({ body }) => body.dump())
  return { exit: await exit, connection: JSON.parse(printed) as { id: string; state: string } }
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

test('one unreachable provider ends its own connection; the others load, and the exit code is 3', async () => {
  await using sandbox: Sandbox = await startSandbox({ port: 0, today: '2026-11-01' })
  const pipelines = join(place.folder, 'pipelines')
  cpSync('pipelines', pipelines, { recursive: true })
  const env = { FDX_SANDBOX_URL: sandbox.url, FDX_PIPELINES_DIR: pipelines }
  await place.fdx(['vault', 'new-key', join(place.folder, 'vault.key')])
  const good = await connect(place, 'sandbox-outbound', 0, env)
  const lost = await connect(place, 'sandbox-v6', 0, env)
  expect([good.exit, lost.exit]).toEqual([0, 0])

  // The provider moves to where nobody listens.
  const url = `http://127.0.0.1:${await closedPort()}/v6/fdx/v6`
  const file = join(pipelines, 'providers', 'sandbox-v6.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^baseUrl: .*$/m, `baseUrl: ${url}`))

  const ran = await place.fdx(['run', '--all', '--json'], env)
  expect([ran.exit, ran.stderr]).toEqual([3, expect.stringContaining('UNREACHABLE')])
  const report = JSON.parse(ran.stdout)
  expect(report.connections).toEqual({ ok: 1, failed: 1 })
  expect(report.tables['fdx.deposit_accounts']).toBeGreaterThan(0)
  const status = await place.fdx(['status', '--json'], env)
  const shown = JSON.parse(status.stdout).connections as {
    id: string
    state: string
    last: object
  }[]
  expect(shown.find(({ id }) => id === lost.connection.id)).toMatchObject({
    state: 'active',
    last: { status: 'failed', code: 'UNREACHABLE' },
  })
  expect(shown.find(({ id }) => id === good.connection.id)).toMatchObject({
    last: { status: 'ok' },
  })
})

test('a provider file with three mistakes is refused with all three', async () => {
  const pipelines = join(place.folder, 'pipelines')
  mkdirSync(join(pipelines, 'providers'), { recursive: true })
  cpSync('pipelines/sandbox-v6-nightly.yaml', join(pipelines, 'sandbox-v6-nightly.yaml'))
  writeFileSync(
    join(pipelines, 'providers', 'sandbox-v6.yaml'),
    'protocol: fdx\ntitle: A bank\nversion: 7\nbaseUrl: http://bank.example/fdx\noauth:\n  clientId: a\n  clientSecret: b\n  scopes: openid\n  redirectUri: http://127.0.0.1:0/callback\n',
  )
  const { exit, stderr } = await place.fdx(['run', 'sandbox-v6-nightly'], {
    FDX_PIPELINES_DIR: pipelines,
  })
  expect(exit).toBe(2)
  for (const mistake of [
    'version: expected 4, 5 or 6',
    'baseUrl: expected an https:// URL',
    'oauth.scopes: expected array',
  ])
    expect(stderr).toContain(`sandbox-v6.yaml: ${mistake}`)
})

test('output that nobody reads to its end is no fault', async () => {
  const child = spawn('sh', ['-c', `"$0" src/fdx.js --help | head -1`, process.execPath])
  let told = ''
  for await (const part of child.stderr) told += String(part)
  expect(told).toBe('')
})
