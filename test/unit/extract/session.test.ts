import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { Agent } from 'undici'
import { expect, test, vi } from 'vitest'
import type { FdxProvider } from '../../../src/config/provider.ts'
import { FdxError, safeError } from '../../../src/errors.ts'
import { newMeter } from '../../../src/extract/meter.ts'
import { openPace } from '../../../src/extract/pace.ts'
import {
  openSession,
  type Session,
  type SessionLimits,
  sessionLimits,
} from '../../../src/extract/session.ts'
import { realWorld, type World } from '../../../src/world.ts'
import { fdxProvider, sendJson, serve } from '../../support/extract.ts'

const secret = 'tok-SECRET-MARK'

async function withSession<T>(
  provider: FdxProvider,
  work: (session: Session, meter: ReturnType<typeof newMeter>) => Promise<T>,
  more: {
    world?: World
    token?: (rejected?: string) => Promise<string>
    signal?: AbortSignal
    limits?: SessionLimits
  } = {},
): Promise<T> {
  const { world = realWorld, token = async () => secret, limits = sessionLimits } = more
  const meter = newMeter()
  await using pace = openPace(provider, world)
  const signal = more.signal ?? new AbortController().signal
  const connection = { id: 'c1' }
  return await work(
    openSession({
      provider,
      connection,
      credentials: { token },
      world,
      pace,
      signal,
      meter,
      limits,
    }),
    meter,
  )
}

const failure = (work: Promise<unknown>): Promise<FdxError> =>
  work.then(
    () => Promise.reject(new Error('expected a failure')),
    (error: unknown) => (error instanceof FdxError ? error : Promise.reject(error)),
  )

test('sends what FDX asks for, and reads gzip', async () => {
  let headers: NodeJS.Dict<string | string[]> = {}
  await using bank = await serve((request, response) => {
    headers = request.headers
    response.writeHead(200, {
      'content-encoding': 'gzip',
      'x-fapi-interaction-id': 'from-the-bank',
    })
    response.end(gzipSync('{"accounts":[]}'))
  })
  const provider = fdxProvider(`${bank.url}/fdx/v6/`, {
    headers: { 'FDX-API-Data-Recipient-Id': 'us' },
  })
  const query = { limit: '5', offset: 'a b&c=d' }
  const answer = await withSession(provider, (session) =>
    session.get('accounts', '/accounts', query),
  )
  expect(answer.body.toString()).toBe('{"accounts":[]}')
  expect(answer.interactionId).toBe('from-the-bank')
  expect(bank.asked).toEqual(['GET /fdx/v6/accounts?limit=5&offset=a+b%26c%3Dd'])
  expect(headers).toMatchObject({
    authorization: `Bearer ${secret}`,
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'fdx-etl',
    'fdx-api-actor-type': 'BATCH',
    'fdx-api-data-recipient-id': 'us',
    'x-fapi-interaction-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test.each(['.evil.example/x', '@evil.example/x', ':1/x'])(
  'a path that changes the origin (%s) is refused before anything is sent',
  async (path) => {
    const provider = fdxProvider('https://bank.example')
    using dispatch = vi.spyOn(Agent.prototype, 'dispatch')
    const error = await failure(withSession(provider, (session) => session.get('accounts', path)))
    expect(error.code).toBe('FOREIGN_ORIGIN')
    expect(dispatch).not.toHaveBeenCalled()
  },
)

test('a redirect is not followed, with any status', async () => {
  await using other = await serve((_request, response) => sendJson(response, {}))
  for (const status of [301, 302, 303, 307, 308]) {
    await using bank = await serve((_request, response) => {
      response.writeHead(status, { location: `${other.url}/accounts` }).end()
    })
    const error = await failure(
      withSession(fdxProvider(bank.url), (session) => session.get('accounts', '/accounts')),
    )
    expect(error.code).toBe('REDIRECTED')
  }
  expect(other.asked).toEqual([])
})

test('a bomb is stopped at the cap of decoded bytes', async () => {
  const bomb = gzipSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)))
  await using bank = await serve((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end(bomb)
  })
  const error = await failure(
    withSession(fdxProvider(bank.url), (session) => session.get('accounts', '/accounts')),
  )
  expect(error.code).toBe('BODY_TOO_LARGE')
  expect(bank.asked).toHaveLength(1)
})

test('one deadline covers headers and body, however slowly they come', async () => {
  await using bank = await serve((request, response) => {
    if (request.url === '/silent') return
    response.writeHead(200)
    const drip = setInterval(() => response.write(' '), 50)
    response.on('close', () => clearInterval(drip))
  })
  const provider = fdxProvider(bank.url, { pace: { requestTimeoutSeconds: 1, attempts: 1 } })
  for (const path of ['/drip', '/silent']) {
    const error = await failure(withSession(provider, (session) => session.get('x', path)))
    expect(error).toMatchObject({ code: 'UNREACHABLE', facts: { failure: 'broken' } })
  }
})

test.each([
  ['a reset', (socket: { destroy(): void }) => socket.destroy()],
  [
    'half a body',
    (socket: { end(text: string): void }) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{'),
  ],
])('%s is tried again, and the whole page is taken', async (_, cut) => {
  let left = 2
  await using bank = await serve((request, response) => {
    if (left-- > 0) cut(request.socket)
    else sendJson(response, { whole: true })
  })
  await withSession(fdxProvider(bank.url), async (session, meter) => {
    const answer = await session.get('accounts', '/accounts')
    expect(JSON.parse(answer.body.toString())).toEqual({ whole: true })
    expect(meter).toMatchObject({ requests: 3, retries: 2 })
  })
})

test('what is no HTTP, and a body that is not the gzip it claims, are not asked for again', async () => {
  for (const reply of [
    'SMTP ready\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain',
  ]) {
    await using bank = await serve((request) => request.socket.end(reply))
    const error = await failure(
      withSession(fdxProvider(bank.url), (session) => session.get('accounts', '/accounts')),
    )
    expect(error.code).toBe('ANSWER_INVALID')
    expect(bank.asked).toHaveLength(1)
  }
})

/** A clock that stands still but for waiting. */
function still(): World & { readonly waits: number[] } {
  let now = Date.UTC(2026, 0, 2)
  const waits: number[] = []
  return {
    ...realWorld,
    waits,
    now: () => now,
    random: () => 0.5,
    async sleep(ms) {
      waits.push(ms)
      now += ms
    },
  }
}

test('waits: full jitter under a doubling bound, Retry-After never earlier, garbage ignored', async () => {
  const headers = ['2', 'Fri, 02 Jan 2026 00:00:10 GMT', 'soon', undefined]
  await using bank = await serve((_request, response) => {
    const at = bank.asked.length - 1
    if (at === headers.length) return sendJson(response, {})
    const value = headers[at]
    response.writeHead(503, value === undefined ? {} : { 'retry-after': value }).end()
  })
  const pace = { attempts: 6, firstRetryMs: 100, requestsPerSecond: 10_000, budgetSeconds: 60 }
  const world = still()
  await withSession(
    fdxProvider(bank.url, { pace }),
    (session) => session.get('accounts', '/accounts'),
    { world },
  )
  // 2 s and its spread of 125 ms; to 10 s on the clock that has moved, and the spread; 0.5 × 100 ms × 2 ** 2 and 3.
  expect(world.waits).toEqual([2_125, 8_000, 200, 400])
})

test('a wait longer than the budget is handed back at once', async () => {
  await using bank = await serve((_request, response) => {
    response.writeHead(429, { 'retry-after': '3600' }).end()
  })
  const world = still()
  const error = await failure(
    withSession(fdxProvider(bank.url), (session) => session.get('accounts', '/accounts'), {
      world,
    }),
  )
  expect(error).toMatchObject({ code: 'RATE_LIMITED', facts: { retryInMs: 3_600_125 } })
  expect([world.waits, bank.asked.length]).toEqual([[], 1])
})

test('a refused token is renewed once, and the same request repeated once', async () => {
  const rejected: (string | undefined)[] = []
  const token = async (old?: string) => {
    rejected.push(old)
    return old === undefined ? 'old' : 'new'
  }
  await using bank = await serve((request, response) => {
    if (request.headers.authorization === 'Bearer new' && request.url === '/a')
      return sendJson(response, {})
    sendJson(response, { message: 'expired' }, 401)
  })
  await withSession(
    fdxProvider(bank.url),
    async (session) => {
      expect((await session.get('a', '/a')).status).toBe(200)
      expect(rejected).toEqual([undefined, 'old'])
      expect((await failure(session.get('b', '/b'))).code).toBe('TOKEN_REFUSED')
    },
    { token },
  )
  expect(bank.asked).toEqual(['GET /a', 'GET /a', 'GET /b', 'GET /b'])
})

test('602 renews the token once in a session, not for each resource', async () => {
  let renewals = 0
  const token = async (old?: string) => (old === undefined ? 'token' : `token${++renewals}`)
  await using bank = await serve((_request, response) => sendJson(response, { code: 602 }, 403))
  await withSession(
    fdxProvider(bank.url),
    async (session) => {
      for (const path of ['/a', '/b', '/c'])
        expect((await failure(session.get('x', path))).code).toBe('CONSENT_LOST')
    },
    { token },
  )
  expect([renewals, bank.asked.length]).toEqual([1, 4])
})

test('a signal ends a wait, a request and a queue with STOPPED', async () => {
  const stop = new AbortController()
  await using bank = await serve((request, response) => {
    if (request.url !== '/silent') response.writeHead(503, { 'retry-after': '5' }).end()
    setTimeout(() => stop.abort(), 20)
  })
  for (const path of ['/silent', '/waits', '/never-sent']) {
    const error = await failure(
      withSession(fdxProvider(bank.url), (session) => session.get('x', path), {
        signal: stop.signal,
      }),
    )
    expect(error.code).toBe('STOPPED')
  }
})

test('an unreachable provider is left alone after five attempts', async () => {
  await using gone = await serve(() => undefined)
  const { url } = gone
  await gone[Symbol.asyncDispose]()
  const provider = fdxProvider(url, { pace: { attempts: 4, firstRetryMs: 1 } })
  await withSession(provider, async (session, meter) => {
    for (let n = 0; n < 5; n++)
      expect((await failure(session.get('x', '/x'))).code).toBe('UNREACHABLE')
    expect(meter.requests).toBe(5)
  })
})

test('no failure shows a token, a query, a body or an account’s id', async () => {
  const replies = [
    (socket: NodeJS.WritableStream) => socket.end(`HTTP/1.1 500 x\r\n\r\n{"message":"${secret}"}`),
    (socket: NodeJS.WritableStream) =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n${secret}`),
    (socket: NodeJS.WritableStream) => socket.end(`${secret}\r\n\r\n`),
    (socket: NodeJS.WritableStream) =>
      socket.end(`HTTP/1.1 403 ${secret}\r\nob-trace-id: a b ${secret}\r\n\r\n`),
    (socket: NodeJS.WritableStream) =>
      socket.end(`HTTP/1.1 302 x\r\nlocation: https://${secret}.example/\r\n\r\n`),
  ]
  for (const reply of replies) {
    await using bank = await serve((request) => reply(request.socket))
    const provider = fdxProvider(bank.url, { pace: { attempts: 1 } })
    const error = await failure(
      withSession(provider, (session) =>
        session.get('transactions', `/accounts/${secret}/transactions`, { offset: secret }),
      ),
    )
    expect(safeError(error)).not.toContain(secret)
    expect(`${error.message} ${inspect(error.facts)}`).not.toContain(secret)
  }
})

test('a server that wants its nonce in the proof gets it at once, with the same token', async () => {
  const seen: [string | undefined, string | undefined][] = []
  let renewals = 0
  await using bank = await serve((request, response) => {
    seen.push([request.headers.authorization, request.headers['dpop']?.toString()])
    if (request.headers['dpop'] === 'proof n1') return sendJson(response, {})
    response.writeHead(401, {
      'www-authenticate': 'DPoP error="use_dpop_nonce"',
      'dpop-nonce': 'n1',
    })
    response.end()
  })
  const provider = fdxProvider(bank.url)
  await using pace = openPace(provider, realWorld)
  const session = openSession({
    provider,
    connection: { id: 'c1' },
    credentials: {
      token: async (rejected?: string) => (rejected === undefined ? 'token' : `new${++renewals}`),
      proof: async ({ nonce }) => `proof ${nonce ?? 'none'}`,
    },
    world: realWorld,
    pace,
    signal: new AbortController().signal,
    meter: newMeter(),
  })
  expect((await session.get('a', '/a')).status).toBe(200)
  expect(seen).toEqual([
    ['DPoP token', 'proof none'],
    ['DPoP token', 'proof n1'],
  ])
  expect(renewals).toBe(0)
})

test('two consumers that are told to come back in an hour speak for the others, who are not asked for a token', async () => {
  await using bank = await serve((_request, response) => {
    response.writeHead(429, { 'retry-after': '3600' }).end()
  })
  const provider = fdxProvider(bank.url)
  await using pace = openPace(provider, realWorld)
  let tokens = 0
  const ask = (id: string) =>
    failure(
      openSession({
        provider,
        connection: { id },
        credentials: { token: async () => `token${++tokens}` },
        world: realWorld,
        pace,
        signal: new AbortController().signal,
        meter: newMeter(),
      }).get('x', '/x'),
    )
  for (const id of ['a', 'a', 'b', 'c', 'd']) {
    const error = await ask(id)
    expect(error.code).toBe('RATE_LIMITED')
    expect(Number(error.facts['retryInMs'])).toBeGreaterThan(3_000_000)
  }
  expect([bank.asked.length, tokens]).toEqual([3, 3])
})

test('one connection has only so many bytes, of answers and files together, and so much time', async () => {
  await using bank = await serve((_, response) => response.end(' '.repeat(600)))
  const provider = fdxProvider(bank.url)
  let now = 0
  const world: World = { ...realWorld, now: () => Date.now() + now }
  const limits = { ms: 60_000, bytes: 1_000 }
  const save = async (file: AsyncIterable<Uint8Array>) => {
    for await (const _ of file);
  }
  await withSession(
    provider,
    async (session) => {
      await session.get('x', '/x')
      await session.file('x', '/x', 'application/pdf', save)
      expect((await failure(session.get('x', '/x'))).code).toBe('CONNECTION_LIMIT')
    },
    { limits },
  )
  await withSession(
    provider,
    async (session) => {
      await session.get('x', '/x')
      now = 60_001
      expect((await failure(session.get('x', '/x'))).code).toBe('CONNECTION_LIMIT')
    },
    { limits, world },
  )
  expect(bank.asked).toHaveLength(3)
})
