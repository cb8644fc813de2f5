import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { makeCertificates } from '../../support/certificates.ts'
import { dataFolder, extractOnce, fdxProvider, pipeline } from '../../support/extract.ts'

test('data requests show the client certificate that the token is bound to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-certificates-'))
  const { ca, caFile, client, server: own } = makeCertificates(folder)
  const names: unknown[] = []
  const server = createServer({ ...own, ca, requestCert: true }, (request, response) => {
    names.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN)
    response.end('{"accounts":[]}')
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const oauth = {
    authorizationEndpoint: `${url}/authorize`,
    tokenEndpoint: `${url}/token`,
    clientId: 'me',
    scopes: ['accounts'],
    redirectUri: 'http://127.0.0.1:0/callback',
    clientAuth: 'tls_client_auth',
    tls: { ...client, caFile },
  }
  try {
    using data = dataFolder()
    const provider = fdxProvider(url, { oauth })
    const resources = pipeline({ resources: ['accounts'] })
    expect(await extractOnce(data, { provider, pipeline: resources })).toMatchObject({
      status: 'ok',
    })
    expect(names).toEqual(['me'])

    // Without the CA the server is not believed, and nothing switches that off.
    const strange = fdxProvider(url, { oauth: { ...oauth, tls: client }, pace: { attempts: 1 } })
    const report = await extractOnce(data, { provider: strange, pipeline: resources })
    expect(report).toMatchObject({ status: 'failed', code: 'UNREACHABLE' })
    expect(names).toEqual(['me'])
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  }
})
