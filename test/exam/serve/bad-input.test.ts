import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { pino } from 'pino'
import { fetch } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readServe } from '../../../src/config/read.ts'
import { httpSchema } from '../../../src/config/serve-http.ts'
import { writeNewKey } from '../../../src/connect/vault-key.ts'
import { openHttp } from '../../../src/serve/http.ts'
import { newPlace, type Place } from '../../support/fdx.ts'
import { startServe } from '../../support/serve.ts'

let place: Place
beforeEach(async () => {
  place = newPlace()
  await writeNewKey(join(place.folder, 'vault.key'))
})
afterEach(() => place[Symbol.dispose]())

/** A pipelines folder of its own, with this serve.yaml. */
function pipelines(serve: string): Record<string, string> {
  const folder = join(place.folder, 'pipelines')
  mkdirSync(join(folder, 'serve'), { recursive: true })
  writeFileSync(join(folder, 'serve', 'serve.yaml'), serve)
  return { FDX_PIPELINES_DIR: folder }
}

test('a port in use is told, with the setting that changes it', async () => {
  const other = createServer()
  await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready))
  const port = String((other.address() as AddressInfo).port)
  const http = await place.fdx(['serve', '--port', port, '--only', 'metrics'])
  expect(http.exit).toBe(2)
  expect(http.stderr).toMatch(new RegExp(`port ${port} of 127.0.0.1 is in use.*--port`))
  const sql = await place.fdx(['serve', '--port', '0', '--sql-port', port, '--only', 'sql'])
  expect(sql.exit).toBe(2)
  expect(sql.stderr).toContain(`127.0.0.1:${port}`)
  other.close()
})

test.each<[string, string, RegExp]>([
  [
    'an open door',
    'http: { host: 0.0.0.0 }',
    /http.host 0.0.0.0 is open to the network without TLS/,
  ],
  [
    'a proxy without a public address',
    'http: { host: 0.0.0.0, trustedProxies: [10.0.0.0/8] }',
    /http.publicUrl is missing/,
  ],
  [
    'a proxy that is no address',
    'http: { trustedProxies: [nginx] }',
    /serve.yaml: http.trustedProxies.0: expected an IP address or range/,
  ],
  [
    'a certificate that is not there',
    'http: { tls: { certFile: /nowhere.pem, keyFile: /nowhere.key } }',
    /http.tls.certFile: \/nowhere.pem cannot be read/,
  ],
  [
    'a certificate that is none',
    'http: { tls: { certFile: package.json, keyFile: package.json } }',
    /http.tls: the certificate or its key is no valid PEM/,
  ],
  ['an unknown setting', 'http: { prot: 1 }', /serve.yaml: http.prot: unknown setting/],
  ['an unknown part', 'parts: [cron]', /serve.yaml: parts.0: /],
  [
    'a host of elsewhere',
    'http: { port: 0, host: 192.0.2.1, trustedProxies: [10.0.0.1], publicUrl: "https://a.example" }',
    /192.0.2.1 is no address of this machine/,
  ],
])('%s is refused', async (_name, text, message) => {
  const { FDX_PIPELINES_DIR: folder = '' } = pipelines(`${text}\n`)
  const open = async () => {
    const { http } = readServe(folder, {})
    await using _server = await openHttp(http, pino({ level: 'silent' }), async () => {})
  }
  await expect(open()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(message),
  })
})

test('an open door of the SQL endpoint, and an unknown part, end fdx serve with exit code 2', async () => {
  const sql = await place.fdx(
    ['serve', '--port', '0', '--only', 'sql'],
    pipelines('sql: { host: 0.0.0.0 }\n'),
  )
  expect([sql.exit, sql.stderr]).toEqual([
    2,
    expect.stringContaining('sql.host 0.0.0.0 can be reached'),
  ])
  const part = await place.fdx(['serve', '--only', 'cron'])
  expect([part.exit, part.stderr]).toEqual([
    2,
    expect.stringContaining('--only: no part "cron"; there are: schedule, load'),
  ])
})

test('a folder that cannot be written is told', async () => {
  // Root, too, can make no folder below a file.
  const file = join(place.folder, 'a-file')
  writeFileSync(file, '')
  const { exit, stderr } = await place.fdx(['serve'], { FDX_DATA_DIR: join(file, 'data') })
  expect(exit).toBe(2)
  expect(stderr).toMatch(/the data folder .*a-file\/data cannot be .*FDX_DATA_DIR/)
})

test('a data folder that others may look into is narrowed', async () => {
  mkdirSync(place.data)
  chmodSync(place.data, 0o755)
  await using serving = await startServe(
    { FDX_DATA_DIR: place.data, FDX_VAULT_KEY_FILE: join(place.folder, 'vault.key') },
    ['--only', 'metrics'],
  )
  const { exit, stdout } = await place.fdx(['doctor', '--offline', '--json'])
  const { findings } = JSON.parse(stdout)
  expect(findings.filter(({ level }: { level: string }) => level === 'fail')).toEqual([])
  expect(exit).not.toBe(1)
  expect(await serving.stop()).toMatchObject({ exit: 0 })
})

test('/metrics asks for its token where it has one', async () => {
  const env = pipelines(`metrics: { token: '\${FDX_METRICS_TOKEN}' }\n`)
  await using serving = await startServe(
    {
      ...env,
      FDX_METRICS_TOKEN: 'a-token-of-chance-1234',
      FDX_DATA_DIR: place.data,
      FDX_VAULT_KEY_FILE: join(place.folder, 'vault.key'),
    },
    ['--only', 'metrics'],
  )
  const ask = (authorization?: string) =>
    fetch(`${serving.url}/metrics`, { headers: authorization ? { authorization } : {} })
  expect((await ask()).status).toBe(401)
  expect((await ask('Bearer wrong')).status).toBe(401)
  const good = await ask('Bearer a-token-of-chance-1234')
  expect(good.status).toBe(200)
  expect(await good.text()).toContain('fdx_build_info')
  expect((await fetch(`${serving.url}/healthz`)).status).toBe(200)
})

test('behind a proxy nobody else is answered', async () => {
  const settings = httpSchema.parse({
    port: 0,
    trustedProxies: ['10.1.2.3'],
    publicUrl: 'https://fdx.example.com',
  })
  await using http = await openHttp(settings, pino({ level: 'silent' }), async (app) => {
    app.get('/who', async (request) => ({ ip: request.ip }))
  })
  // This machine itself may ask, for health checks; what it claims to forward is not believed.
  const answer = await fetch(`${http.url}/who`, { headers: { 'x-forwarded-for': '8.8.8.8' } })
  expect(await answer.json()).toEqual({ ip: '127.0.0.1' })
  expect(http.publicUrl).toBe('https://fdx.example.com')
})
