import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FdxError } from '../../../src/errors.ts'
import { judge, providerAt, setUpRig } from '../../faults/rig.ts'
import { type Certificates, makeCertificates } from '../../support/certificates.ts'

let folder = ''
let ours: Certificates
let others: Certificates
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-tls-'))
  ours = makeCertificates(join(folder, 'ours'))
  others = makeCertificates(join(folder, 'others'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Asks a TLS token endpoint once; tells how that ended and how many requests came through. */
async function ask(server: ServerOptions, tls: object, host = '127.0.0.1') {
  let requests = 0
  const endpoint = createServer(server, (request, response) => {
    requests += 1
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ access_token: 'access-2-MARK', token_type: 'Bearer' }))
    })
  })
  await new Promise<void>((ready) => endpoint.listen(0, '127.0.0.1', ready))
  await using rig = await setUpRig('strict')
  const { port } = endpoint.address() as AddressInfo
  const provider = providerAt(rig.server.url, {
    tokenEndpoint: `https://${host}:${port}/token`,
    tls,
    timeoutSeconds: 5,
  })
  const ended = await rig
    .manager({ provider })
    .accessToken(rig.connection)
    .catch((error: FdxError) => error.code)
  expect(await judge(rig)).toBe('alive')
  const open = await rig.vault.list('intent')
  endpoint.closeAllConnections()
  endpoint.close()
  return { ended, requests, open: open.length }
}

const refused = { ended: 'TOKEN_UNAVAILABLE', requests: 0, open: 0 }

test('a CA of our own is trusted when it is named', async () => {
  const tls = { caFile: ours.caFile }
  expect(await ask(ours.server, tls)).toEqual({ ended: 'access-2-MARK', requests: 1, open: 0 })
})

test.each<[string, () => [ServerOptions, object, string?]]>([
  ['unknown CA', () => [ours.server, {}]],
  ['another CA', () => [ours.server, { caFile: others.caFile }]],
  ['another host name', () => [ours.server, { caFile: ours.caFile }, 'localhost']],
  [
    'an old TLS version',
    () => [{ ...ours.server, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }, { caFile: ours.caFile }],
  ],
  ['no certificate of ours where one is required', () => [mutual(), { caFile: ours.caFile }]],
  [
    'a certificate of ours by a CA that it does not know',
    () => [mutual(), { caFile: ours.caFile, ...others.client }],
  ],
])('%s: nothing is sent, nothing is left in doubt', async (_name, given) => {
  expect(await ask(...given())).toEqual(refused)
})

test('our certificate opens a server that requires one', async () => {
  const tls = { caFile: ours.caFile, ...ours.client }
  expect(await ask(mutual(), tls)).toMatchObject({ ended: 'access-2-MARK', requests: 1 })
})

const mutual = (): ServerOptions => ({
  ...ours.server,
  ca: ours.ca,
  requestCert: true,
  rejectUnauthorized: true,
  // In TLS 1.3 the client may have sent its request before it learns that its certificate is refused.
  maxVersion: 'TLSv1.2',
})
