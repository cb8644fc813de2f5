import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FdxError } from '../../../../src/errors.ts'
import { startSqlEndpoint } from '../../../../src/serve/sql-endpoint/endpoint.ts'
import { type Certificates, makeCertificates } from '../../../support/certificates.ts'
import { openScene, type Scene } from './scene.ts'

const folder = mkdtempSync(join(tmpdir(), 'fdx-sql-tls-'))
let certificates: Certificates
let scene: Scene
beforeAll(async () => {
  certificates = makeCertificates(folder)
  scene = await openScene({ endpoint: { tls: certificates.server } })
})
afterAll(async () => {
  await scene[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

const psql = (options: string) =>
  promisify(execFile)('psql', [
    '-X', '-A', '-t', '-c', 'select 41 + 1',
    `host=127.0.0.1 port=${scene.port} dbname=warehouse user=owner password=owner ${options}`,
  ]) // biome-ignore format: one command

test('libpq connects with every sslmode that encrypts, bound to the channel, and is refused without', async () => {
  for (const options of [
    'sslmode=require',
    `sslmode=verify-full sslrootcert=${certificates.caFile}`,
    `sslmode=verify-full sslrootcert=${certificates.caFile} channel_binding=require`,
  ])
    expect((await psql(options)).stdout.trim(), options).toBe('42')
  await expect(psql('sslmode=disable')).rejects.toThrow(/no encryption/)
  await expect(psql('sslmode=verify-full')).rejects.toThrow(/certificate/)
})

test('node-postgres over TLS, with and without channel binding; without TLS: 28000', async () => {
  const ssl = { ca: certificates.ca }
  for (const enableChannelBinding of [true, false]) {
    const client = await scene.connect('owner', { ssl, enableChannelBinding } as never)
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await client.end()
  }
  await expect(scene.connect('owner')).rejects.toMatchObject({ code: '28000' })
})

test('an address that others can reach needs TLS', async () => {
  const { paths } = scene
  const start = startSqlEndpoint({
    paths, host: '0.0.0.0', port: 0, tls: null, users: () => [], limits: {} as never, log: () => {}, signal: new AbortController().signal,
  }) // biome-ignore format: one call
  await expect(start).rejects.toSatisfy(
    (error) => error instanceof FdxError && error.code === 'CONFIG_INVALID',
  )
})
