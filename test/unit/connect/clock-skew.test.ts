import { generateKeyPairSync } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import { noteDate, skewOf } from '../../../src/connect/clock-skew.ts'
import type { FdxError } from '../../../src/errors.ts'
import { providerAt, type Rig, setUpRig } from '../../faults/rig.ts'
import type { Trouble } from '../../support/token-server.ts'

let rig: Rig | undefined
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]()
  rig = undefined
})

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const signing = { clientAuth: 'private_key_jwt', privateKey: { pem }, issuer: 'https://as.example' }

/** Refuses the client, by a clock that is so many seconds from ours. */
const refusedAt =
  (seconds: number): Trouble =>
  ({ response }) => {
    const date = new Date(Date.now() + seconds * 1_000).toUTCString()
    response.writeHead(401, { 'content-type': 'application/json', date })
    response.end('{"error":"invalid_client"}')
  }

/** When the assertion of a request was made, in seconds from now. */
function madeAt(form: URLSearchParams | undefined): number {
  const [, claims = ''] = (form?.get('client_assertion') ?? '').split('.')
  const { iat } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number }
  return iat - Date.now() / 1_000
}

test.each([600, -600])(
  'an assertion refused by a clock that is %d s from ours is made again by that clock, once',
  async (seconds) => {
    rig = await setUpRig('strict', signing)
    rig.server.trouble = refusedAt(seconds)
    expect(await rig.manager().accessToken(rig.connection)).toBe('access-2-MARK')
    const [first, second] = rig.server.requests
    expect(rig.server.requests).toHaveLength(2)
    expect(Math.abs(madeAt(first))).toBeLessThan(60)
    expect(Math.abs(madeAt(second) - seconds)).toBeLessThan(60)
    expect((await rig.stored()).refreshToken).toBe(rig.server.alive())
  },
)

test('a client that is refused by a clock like ours, or without a time in its proof, is refused', async () => {
  for (const [oauth, seconds] of [
    [signing, 3],
    [{}, 600],
  ] as const) {
    const own = await setUpRig('strict', oauth)
    own.server.trouble = refusedAt(seconds)
    const error = await own
      .manager()
      .accessToken(own.connection)
      .catch((failure: FdxError) => failure)
    expect(error).toMatchObject({ code: 'CLIENT_REFUSED' })
    expect(own.server.requests).toHaveLength(1)
    await own[Symbol.asyncDispose]()
  }
})

test('a clock is another one only when it differs by more than seconds, and may come back', () => {
  const provider = providerAt('https://as.example')
  const now = Date.UTC(2026, 0, 1)
  const dateOf = (seconds: number) => new Date(now + seconds * 1_000).toUTCString()
  const seen = [5, 300, 304, -7, 0].map((seconds) => {
    noteDate(provider, dateOf(seconds), now)
    return skewOf(provider)
  })
  expect(seen).toEqual([0, 300, 300, 0, 0])
  for (const nothing of [null, '', 'soon']) noteDate(provider, nothing, now)
  expect(skewOf(provider)).toBe(0)
})
