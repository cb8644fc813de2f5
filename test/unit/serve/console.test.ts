import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import fastify, { type FastifyInstance } from 'fastify'
import { request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dataPaths, readSettings } from '../../../src/config/settings.ts'
import { listPage, pageSize, readFilter } from '../../../src/serve/console/data/connections.ts'
import { countConsents, countFreshness } from '../../../src/serve/console/data/overview.ts'
import { html } from '../../../src/serve/console/html.ts'
import { localPath } from '../../../src/serve/console/pages/sign-in.ts'
import { consolePlugin } from '../../../src/serve/console/plugin.ts'
import { openSessions, sessionLimits } from '../../../src/serve/console/sessions.ts'
import { decimal, outcomeWords } from '../../../src/serve/console/words.ts'
import { type Connection, saveConnection } from '../../../src/state/connections.ts'
import { openState, type State } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'

const start = Date.parse('2026-11-25T12:00:00Z')
let now: number
let state: State
let app: FastifyInstance
let problems: readonly string[] = []
const world = { ...realWorld, now: () => now }

beforeEach(async () => {
  now = start
  state = openState(':memory:')
  app = fastify()
  await app.register(
    consolePlugin({
      state,
      world,
      reader: { read: async function* () {} },
      settings: readSettings({}),
      paths: dataPaths('nowhere'),
      signInToken: 'the token',
      fileProblems: () => problems,
    }),
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  await app.close()
  state[Symbol.dispose]()
})

const origin = () => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`

function saved(number: number, part: Partial<Connection> = {}): Connection {
  const at = new Date(start).toISOString()
  const one: Connection = {
    id: `c_${String(number).padStart(8, '0')}`,
    provider: `bank-${number % 3}`,
    protocol: 'fdx',
    subject: null,
    label: '',
    state: 'active',
    reason: '',
    scopes: '',
    consent_given_at: at,
    consent_ends_at: null,
    created_at: at,
    updated_at: at,
    last_good_at: null,
    ...part,
  }
  saveConnection(state, one)
  return one
}

describe('sessions', () => {
  test('one with the token; ended by a pause, by age, by sign-out', () => {
    const sessions = openSessions('secret', world)
    expect(sessions.start('Secret')).toBeUndefined()
    expect(sessions.start('')).toBeUndefined()
    const one = sessions.start('secret')
    expect(one && sessions.get(one.id, true)).toBe(one)
    now += sessionLimits.idleMs - 1
    expect(sessions.get(one?.id ?? '', false)).toBe(one) // a live stream keeps nothing alive
    now += 2
    expect(sessions.get(one?.id ?? '', true)).toBeUndefined()
    const two = sessions.start('secret')
    for (let hours = 0; hours < 11; hours++) {
      now += 3_600_000
      expect(sessions.get(two?.id ?? '', true)).toBe(two)
    }
    now += 3_600_001
    expect(sessions.get(two?.id ?? '', true)).toBeUndefined()
    const three = sessions.start('secret')
    sessions.end(three?.id ?? '')
    expect(sessions.get(three?.id ?? '', true)).toBeUndefined()
  })

  test('so many at once: the oldest makes room', () => {
    const sessions = openSessions('secret', world, { ...sessionLimits, most: 2 })
    const [first, second, third] = [1, 2, 3].map(() => sessions.start('secret')?.id ?? '')
    expect([first, second, third].map((id) => sessions.get(id ?? '', true) !== undefined)).toEqual([
      false,
      true,
      true,
    ])
  })

  test('over HTTP: signed in, then expired, by the clock', async () => {
    const answer = await inject('POST', '/sign-in', { payload: 'token=the+token&next=%2Fruns' })
    expect(answer.statusCode).toBe(303)
    expect(answer.headers.location).toBe('/runs')
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    const own = { cookie: cookie.split(';')[0] ?? '' }
    expect((await inject('GET', '/runs', { headers: own })).statusCode).toBe(200)
    now += sessionLimits.idleMs + 1
    const over = await inject('GET', '/runs', { headers: own })
    expect([over.statusCode, over.headers.location]).toEqual([303, '/sign-in?next=%2Fruns'])
  })
})

test('a pipeline file that is wrong is told on the overview, as text', async () => {
  const signedIn = await inject('POST', '/sign-in', { payload: 'token=the+token' })
  const own = { cookie: String(signedIn.headers['set-cookie']).split(';')[0] ?? '' }
  saveConnection(state, saved(1))
  problems = ['nightly.yaml: schedule: not a cron line: <b>99</b>']
  const { text } = await inject('GET', '/', { headers: own })
  problems = []
  expect(text).toContain('is wrong, so its pipeline does not run.')
  expect(text).toContain('nightly.yaml: schedule: not a cron line: &lt;b&gt;99&lt;/b&gt;')
})

test('a page that is not read any more is let go, and nothing else is', async () => {
  const signedIn = await inject('POST', '/sign-in', { payload: 'token=the+token' })
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
  // More than a socket takes that nobody reads from, in the midst of what the page is sent.
  saveConnection(state, saved(1, { provider: 'x'.repeat(4_000_000) }))
  const { port } = app.server.address() as AddressInfo
  const faults: unknown[] = []
  const onFault = (error: unknown) => faults.push(error)
  process.on('uncaughtException', onFault)
  const socket = connect(port, '127.0.0.1').pause()
  socket.on('error', () => {})
  const ended = new Promise((done) => app.server.once('connection', (own) => own.on('close', done)))
  socket.write(
    `GET /live/overview HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncookie: ${cookie}\r\n\r\n`,
  )
  await ended
  await sleep(50)
  socket.destroy()
  process.off('uncaughtException', onFault)
  expect(faults).toEqual([])
  expect((await inject('GET', '/sign-in')).statusCode).toBe(200)
})

function inject(
  method: 'GET' | 'POST',
  path: string,
  more: { headers?: Record<string, string>; payload?: string } = {},
) {
  const form = { origin: origin(), 'content-type': 'application/x-www-form-urlencoded' }
  return fetchRaw(method, path, { ...(method === 'POST' && form), ...more.headers }, more.payload)
}

/** Over a real socket: the Host check looks at the port that was come in at. */
async function fetchRaw(
  method: 'GET' | 'POST',
  path: string,
  headers: Record<string, string>,
  body: string | undefined,
) {
  const answer = await request(origin() + path, { method, headers, body: body ?? null })
  return { statusCode: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

test('a path to go to after sign-in is one of this server', () => {
  const foreign = ['//elsewhere', '/\\elsewhere', 'https://elsewhere', '/a/../..//elsewhere', '', 7]
  for (const one of foreign) expect(localPath(one)).toBe('/')
  expect(localPath('/runs?status=ok')).toBe('/runs?status=ok')
})

test('every value in a template is escaped', () => {
  const evil = `<script>alert('1')</script>" onload="x`
  expect(html`<p title="${evil}">${evil}${[evil]}${null}${false}</p>`.text).not.toMatch(
    /<script|" onload/,
  )
})

test('decimals keep every digit', () => {
  expect(decimal('12345678901234567890.123456789')).toBe('12,345,678,901,234,567,890.123456789')
  expect(decimal('-1234.500000000')).toBe('−1,234.50')
  expect(decimal('0.000000000')).toBe('0.00')
  expect(decimal('7')).toBe('7')
})

describe('connections', () => {
  test('paged by key: every one once, whatever the filter', () => {
    for (let at = 0; at < 3 * pageSize + 7; at++)
      saved(at, {
        state: at % 4 === 0 ? 'reauth' : 'active',
        label: at % 5 === 0 ? `Team ${at}` : '',
      })
    for (const query of [
      {},
      { state: 'active' },
      { provider: 'bank-1' },
      { view: 'stale' },
      { find: 'team' },
      { find: 'c_0' },
    ]) {
      const seen: string[] = []
      let after = ''
      do {
        const page = listPage(state, readFilter({ ...query, after }), now)
        seen.push(...page.connections.map(({ id }) => id))
        after = page.next ?? ''
      } while (after !== '')
      expect(new Set(seen).size).toBe(seen.length)
      const kept = Number(
        state.db
          .prepare(
            `select count(*) as n from connections where (:state = '' or state = :state)
               and (:provider = '' or provider = :provider) and (:team = 0 or label <> '')`,
          )
          .get({
            state: query.state ?? '',
            provider: query.provider ?? '',
            team: query.find === 'team' ? 1 : 0,
          })?.['n'],
      )
      expect(seen.length, JSON.stringify(query)).toBe(kept)
    }
  })

  test('a key that was tampered with is the first page', () => {
    saved(1)
    for (const after of ['x', 'W10', Buffer.from('[1,2,3]').toString('base64url'), '\0'])
      expect(listPage(state, readFilter({ after }), now).connections.length).toBe(1)
  })

  test('counts by freshness and by the end of the consent', () => {
    const day = 86_400_000
    const at = (ms: number) => new Date(start + ms).toISOString()
    saved(1, { last_good_at: at(-1_000), consent_ends_at: at(3 * day) })
    saved(2, { last_good_at: at(-1.5 * day), consent_ends_at: at(20 * day) })
    saved(3, { last_good_at: at(-5 * day), consent_ends_at: at(300 * day) })
    saved(4, { last_good_at: at(-50 * day), state: 'revoked', consent_ends_at: at(day) })
    saved(5)
    expect(countFreshness(state, now)).toEqual({ day: 1, two_days: 1, week: 1, older: 0, never: 1 })
    expect(countConsents(state, now)).toEqual({ week: 1, month: 2, later: 1 })
  })

  test('no list and no count sorts or reads the whole table: each goes by an index', () => {
    const plans: string[] = []
    const prepare = state.db.prepare.bind(state.db)
    const spied = {
      ...state,
      db: Object.assign(Object.create(state.db), {
        prepare: (sql: string) => {
          plans.push(
            prepare(`explain query plan ${sql}`)
              .all(...([] as string[]))
              .map((row) => String(row['detail']))
              .join('; '),
          )
          return prepare(sql)
        },
      }),
    } as State
    countFreshness(spied, now)
    countConsents(spied, now)
    for (const query of [
      {},
      { state: 'active' },
      { provider: 'bank-1' },
      { view: 'stale' },
      { view: 'consent' },
      { find: 'team' },
      { find: 'c_0' },
    ])
      listPage(spied, readFilter(query), now)
    expect(plans.length).toBeGreaterThan(8)
    for (const plan of plans) {
      expect(plan).not.toMatch(/TEMP B-TREE/)
      expect(plan).toMatch(/USING (COVERING )?INDEX/)
    }
  })
})

test('a run says how its connections ended in the words of their badges; another message stays', () => {
  expect(outcomeWords('1 needs_mfa, 12 ok, 1 reauth')).toBe('1 bank asks, 12 ok, 1 connect again')
  expect(outcomeWords('DISK_FULL: 3 reauth left')).toBe('DISK_FULL: 3 reauth left')
})
