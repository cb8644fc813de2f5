import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { openCredentials } from '../../../src/connect/credentials.ts'
import { newDpopKey } from '../../../src/connect/dpop.ts'
import { revokeGrant } from '../../../src/connect/revoke.ts'
import { realWorld } from '../../../src/world.ts'
import { marks, providerAt, setUpRig } from '../../faults/rig.ts'

/** A revocation endpoint that answers as told, and keeps what it was asked. */
async function revocationServer(status: number) {
  const seen: { method: string; authorization: string; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      const { method = '', headers } = request
      seen.push({ method, authorization: headers.authorization ?? '', body })
      response.writeHead(status, { 'content-type': 'text/plain', location: 'http://127.0.0.1:9/' })
      response.end('MARKED-BODY')
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revoke`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function revoke(status: number, oauth: object) {
  await using at = await revocationServer(status)
  await using rig = await setUpRig('strict')
  const provider = providerAt(rig.server.url, { revocationEndpoint: at.url, ...oauth })
  const { vault, connection } = rig
  const revocation = await revokeGrant(
    { provider, vault, tokens: rig.manager({ provider }) },
    connection,
  )
  expect(revocation.reason).not.toMatch(marks)
  return { revocation, seen: at.seen }
}

const confirmed = { confirmed: true, reason: '' }

test('RFC 7009: the refresh token goes to the revocation endpoint', async () => {
  const { revocation, seen } = await revoke(200, {})
  expect(revocation).toEqual(confirmed)
  expect(new URLSearchParams(seen[0]?.body).get('token')).toBe('refresh-1-MARK')
})

test('bearer-delete: DELETE with a live access token, which may have to be renewed first', async () => {
  const { revocation, seen } = await revoke(204, { revocation: 'bearer-delete' })
  expect(revocation).toEqual(confirmed)
  expect(seen).toEqual([{ method: 'DELETE', authorization: 'Bearer access-2-MARK', body: '' }])
})

test.each([
  [500, {}, /revoke again later/],
  [307, {}, /revoke again later/],
  [401, {}, /client credentials/],
  [503, { revocation: 'bearer-delete' }, /answered 503/],
  [302, { revocation: 'bearer-delete' }, /answered 302/],
  [200, { revocationEndpoint: undefined }, /oauth.revocationEndpoint is missing/],
  [200, { revocation: 'bearer-delete', revocationEndpoint: undefined }, /is missing/],
  [200, { revocation: 'none' }, /no way to revoke/],
])('an answer %i with %j is told, and thrown at nobody', async (status, oauth, reason) => {
  const { revocation } = await revoke(status, oauth)
  expect(revocation).toMatchObject({ confirmed: false, reason: expect.stringMatching(reason) })
})

test('a provider that cannot be reached is told, too', async () => {
  await using rig = await setUpRig('strict', { revocationEndpoint: 'http://127.0.0.1:9/revoke' })
  const revocation = await revokeGrant({ ...rig, tokens: rig.manager() }, rig.connection)
  expect(revocation.confirmed).toBe(false)
})

test('credentials: a token and, where tokens are bound, a proof for each request', async () => {
  await using rig = await setUpRig('strict')
  const tools = { vault: rig.vault, state: rig.state, world: realWorld }
  const bearer = await openCredentials({ ...tools, provider: rig.provider })(rig.connection)
  expect(await bearer.token?.()).toBe('access-2-MARK')
  expect(bearer.proof).toBeUndefined()

  await rig.vault.write(rig.connection.id, {
    ...(await rig.stored()),
    dpopKey: await newDpopKey(),
  })
  const provider = providerAt(rig.server.url, { dpop: true })
  const bound = await openCredentials({ ...tools, provider })(rig.connection)
  const request = { method: 'GET', url: 'https://a.example/', accessToken: 'x' }
  expect((await bound.proof?.(request))?.split('.')).toHaveLength(3)
})
