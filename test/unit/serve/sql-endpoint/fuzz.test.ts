import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene({ connections: 1_100 })
})
afterAll(() => scene[Symbol.asyncDispose]())

/** What the server says to these bytes until it hangs up, or 300 ms long. */
async function answerTo(bytes: Uint8Array, waitMs = 300): Promise<Buffer> {
  const socket = connect(scene.port, '127.0.0.1')
  socket.on('error', () => {})
  const parts: Buffer[] = []
  socket.on('data', (part) => parts.push(part))
  await once(socket, 'connect')
  socket.write(bytes)
  await Promise.race([once(socket, 'close'), sleep(waitMs)])
  socket.destroy()
  return Buffer.concat(parts)
}

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}
const startup = (version: number, ...pairs: string[]) => {
  const body = Buffer.concat([
    int32(version),
    Buffer.from(`${pairs.map((text) => `${text}\0`).join('')}\0`),
  ])
  return Buffer.concat([int32(body.length + 4), body])
}
const v3 = 196_608
const message = (type: string, body: Buffer) =>
  Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
/** SQLSTATE of the ErrorResponse in an answer. */
const stateOf = (answer: Buffer) => /C([0-9A-Z]{5})\0/.exec(answer.toString('latin1'))?.[1]

const alive = async () => {
  const client = await scene.connect()
  const { rows } = await client.query('select 1 as one')
  await client.end()
  return rows
}

test.each([
  ['protocol 2.0', startup(131_072, 'user', 'owner'), '0A000'],
  ['protocol 4.0', startup(262_144, 'user', 'owner'), '0A000'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), '08P01'],
  ['a giant length', int32(0x7fffffff), '08P01'],
  ['a negative length', int32(-5), '08P01'],
  ['a length of nothing', int32(0), '08P01'],
  ['no user', startup(v3, 'database', 'warehouse'), '28000'],
  [
    'no end of the parameters',
    Buffer.concat([int32(13), int32(v3), Buffer.from('user\0')]),
    '08P01',
  ],
  ['replication', startup(v3, 'user', 'owner', 'replication', 'true'), '28000'],
  [
    'bytes behind SSLRequest',
    Buffer.concat([int32(8), int32(80_877_103), startup(v3, 'user', 'owner')]),
    '08P01',
  ],
  [
    'a query before authentication',
    Buffer.concat([startup(v3, 'user', 'owner'), message('Q', Buffer.from('select 1\0'))]),
    '08P01',
  ],
  [
    'a cancel request of the wrong length',
    Buffer.concat([int32(20), int32(80_877_102), Buffer.alloc(12)]),
    '08P01',
  ],
] as const)('%s is refused', async (_name, bytes, state) => {
  expect(stateOf(await answerTo(bytes, 2_000))).toBe(state)
})

test('protocol 3.2 with options is answered with what this server speaks', async () => {
  const answer = await answerTo(startup(v3 + 2, 'user', 'owner', '_pq_.something', '1'))
  expect(answer[0]).toBe('v'.charCodeAt(0))
  expect(answer.toString('latin1')).toContain('_pq_.something')
})

test('random bytes, before and after log-in, end nothing but their own connection', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
      await answerTo(bytes, 30)
    }),
    { numRuns: 40 },
  )
  await fc.assert(
    fc.asyncProperty(hostileMessages, async (messages) => {
      const client = await scene.connect()
      const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
      stream.removeAllListeners('data')
      stream.resume()
      stream.write(Buffer.concat(messages))
      await sleep(20)
      stream.destroy()
    }),
    { numRuns: 60 },
  )
  expect(await alive()).toEqual([{ one: 1 }])
  expect(scene.log.filter((line) => line.includes('fault'))).toEqual([])
})

/** Messages of the protocol with parts missing, doubled or wrong. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'select 1',
    'select $1',
    'begin',
    'fetch all c',
    'copy (select 1) to stdout',
    'set x = 1',
    "select 'x",
  ),
  fc.string({ maxLength: 20 }),
)
const zero = (value: string) => Buffer.from(`${value}\0`)
const int16 = (value: number) => int32(value).subarray(2)
const body = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(text, text).map(([name, sql]) => Buffer.concat([zero(name), zero(sql), int16(0)])),
  fc
    .tuple(text, fc.integer(), fc.integer({ min: -3, max: 70_000 }))
    .map(([name, count, length]) =>
      Buffer.concat([zero(name), zero(name), int16(0), int16(count), int32(length), int16(0)]),
    ),
  text.map(zero),
  fc
    .tuple(fc.constantFrom('S', 'P', 'x'), text)
    .map(([kind, name]) => Buffer.concat([Buffer.from(kind), zero(name)])),
  fc.tuple(text, fc.integer()).map(([name, rows]) => Buffer.concat([zero(name), int32(rows)])),
)
const hostileMessages = fc.array(
  fc
    .tuple(
      fc.constantFrom('Q', 'P', 'B', 'D', 'E', 'C', 'H', 'S', 'F', 'd', 'c', 'f', 'p', '?', '\0'),
      body,
      fc.integer({ min: -6, max: 6 }),
      fc.boolean(),
    )
    .map(([type, content, off, honest]) =>
      Buffer.concat([
        Buffer.from(type, 'latin1'),
        int32(content.length + 4 + (honest ? 0 : off)),
        content,
      ]),
    ),
  { minLength: 1, maxLength: 12 },
)

test('1,000 connections that say nothing leave room for one that does, and a client that never reads for others', async () => {
  const idle: Socket[] = []
  for (let index = 0; index < 1_000; index++) {
    const socket = connect(scene.port, '127.0.0.1')
    socket.on('error', () => {})
    idle.push(socket)
    if (index % 100 === 99) await once(socket, 'connect').catch(() => {})
  }
  expect(await alive()).toEqual([{ one: 1 }])
  for (const socket of idle) socket.destroy()
  const deaf = await scene.connect()
  const { stream } = (deaf as unknown as { connection: { stream: Socket } }).connection
  stream.removeAllListeners('data')
  stream.pause()
  const before = process.memoryUsage().rss
  stream.write(message('Q', zero('select * from range(20000000) a, range(10) b')))
  await sleep(3_000)
  expect(await alive()).toEqual([{ one: 1 }])
  expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(200)
  stream.destroy()
  await expect
    .poll(
      async () => {
        const start = process.cpuUsage()
        await sleep(500)
        const { user, system } = process.cpuUsage(start)
        return (user + system) / 1_000
      },
      { timeout: 20_000 },
    )
    .toBeLessThan(250)
})
