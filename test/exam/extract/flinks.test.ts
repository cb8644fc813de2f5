import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ConnectionReport } from '../../../src/extract/extract.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { type Misbehaviour, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { getCheckpoint } from '../../../src/state/checkpoints.ts'
import { getConnection } from '../../../src/state/connections.ts'
import { realWorld, type World } from '../../../src/world.ts'
import { dataFolder, extractAll, extractOnce, landedPages } from '../../support/extract.ts'
import { sandboxProvider } from '../../support/extract-sandbox.ts'

type Expected = Pick<ConnectionReport, 'status' | 'code'> & { readonly pages?: number }
const fine: Expected = { status: 'ok', code: '', pages: 1 }
const failed = (code: ConnectionReport['code']): Expected => ({ status: 'failed', code, pages: 0 })

/** Each misbehaviour of Flinks' native API that reading can meet, and how its connection ends. */
const troubles: [Omit<Misbehaviour, 'provider' | 'person'>, Expected][] = [
  [{ name: 'pending_forever' }, failed('PROVIDER_STUCK')],
  [{ name: 'mfa' }, { status: 'needs_mfa', code: 'NEEDS_MFA', pages: 0 }],
  [{ name: 'agg_error' }, failed('PROVIDER_DOWN')],
  [{ name: 'agg_error', times: 1 }, fine],
  [{ name: 'retry_later' }, failed('PROVIDER_DOWN')],
  [{ name: 'retry_later', times: 1 }, fine],
  [{ name: 'too_many_requests_401' }, fine],
  [{ name: 'too_many_requests_401', times: 1_000 }, failed('RATE_LIMITED')],
  [{ name: 'session_expired', variant: 'nonexistent' }, fine],
  [{ name: 'session_expired', variant: 'expired' }, fine],
  [{ name: 'session_expired', times: 1_000 }, failed('SESSION_LOST')],
  [{ name: 'card_in_use' }, failed('PROVIDER_DOWN')],
  [{ name: 'card_in_use', times: 2 }, fine],
  [{ name: 'empty_transactions' }, fine],
  [{ name: 'partial_202' }, fine],
  [{ name: 'unauthorized' }, failed('FORBIDDEN')],
  [{ name: 'slow' }, fine],
  [{ name: 'server_error', variant: '502_html', times: 1 }, fine],
  [{ name: 'server_error', times: 1_000 }, failed('PROVIDER_DOWN')],
  [{ name: 'rate_limited', variant: 'as_422' }, fine],
  [{ name: 'rate_limited', variant: 'long' }, failed('RATE_LIMITED')],
  [{ name: 'html_200' }, { ...failed('ANSWER_INVALID'), pages: 1 }],
  [{ name: 'deep_json' }, { ...failed('JSON_TOO_DEEP'), pages: 1 }],
  [{ name: 'redirect_302' }, failed('REDIRECTED')],
]

let box: Sandbox
beforeAll(async () => {
  box = await startSandbox({ port: 0, connections: 8, pendingSeconds: 0.2, today: '2026-01-15' })
})
afterEach(() => box.behave())
afterAll(() => box[Symbol.asyncDispose]())

const login = (person: number) => box.logins()[person]?.loginId

test.each(
  troubles.map(
    ([rule, end]) =>
      [
        `${[rule.name, rule.variant, rule.times].filter(Boolean).join(' ')} → ${end.status} ${end.code}`,
        rule,
        end,
      ] as const,
  ),
)('%s', async (_, rule, end) => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'flinks', { pollMinutes: 0.01 })
  box.misbehave({ ...rule, provider: 'flinks', person: 4 })
  const [bad, good] = await extractAll(data, [
    { provider, connectionId: 'bad', loginId: login(4) },
    { provider, connectionId: 'good', loginId: login(5) },
  ])
  expect(bad).toMatchObject(end)
  expect(good).toMatchObject(fine)
  expect(getConnection(data.state, 'bad')?.state).toBe(
    end.status === 'needs_mfa' ? 'needs_mfa' : 'active',
  )
  expect(landedPages(data.paths).filter((page) => page.connection_id === 'bad')).toHaveLength(
    bad?.pages ?? -1,
  )
})

test.each([
  [0, 'ok', ''],
  [1, 'ok', ''],
  [2, 'needs_mfa', 'NEEDS_MFA'],
  [3, 'reauth', 'LOGIN_REFUSED'],
])('login %i of the sandbox ends as %s %s', async (person, status, code) => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'flinks')
  expect(await extractOnce(data, { provider, loginId: login(person) })).toMatchObject({
    status,
    code,
  })
})

test('a wrong key is the operator’s matter, not the person’s', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'flinks', { authKey: 'wrong' })
  const report = await extractOnce(data, { provider, loginId: login(0) })
  expect(report).toMatchObject({ status: 'failed', code: 'CLIENT_REFUSED' })
  expect(getConnection(data.state, 'c1')?.state).toBe('active')
})

test('a run that is stopped while Flinks works is polled further, not started again', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'flinks')
  box.misbehave({ name: 'pending_forever', provider: 'flinks', person: 4 })
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 150)
  const first = await extractOnce(data, { provider, loginId: login(4), signal: stop.signal })
  expect(first).toMatchObject({ status: 'stopped', code: 'STOPPED' })
  const waiting = getCheckpoint(data.state, 'c1', 'detail')
  expect(waiting).toMatchObject({ complete: 0, cursor: expect.any(String) })

  box.behave()
  const asked = () => box.requests().flinks?.Authorize
  const before = asked()
  const second = await extractOnce(data, { provider, loginId: login(4) })
  expect(second).toMatchObject(fine)
  expect(asked()).toBe(before)
  expect(landedPages(data.paths)[0]?.pull_id).toBe(waiting?.pull_id)
  expect(getCheckpoint(data.state, 'c1', 'detail')).toMatchObject({ complete: 1, cursor: null })
})

test('the time to poll counts from the first 202, over restarts', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'flinks', { pollMinutes: 10 })
  box.misbehave({ name: 'pending_forever', provider: 'flinks', person: 4 })
  const stop = new AbortController()
  const onceWaiting: World = {
    ...realWorld,
    async sleep() {
      stop.abort()
      throw stop.signal.reason
    },
  }
  const options = { provider, loginId: login(4) }
  await extractOnce(data, { ...options, world: onceWaiting, signal: stop.signal })
  const later: World = { ...realWorld, now: () => Date.now() + 10 * 60_000 }
  const report = await extractOnce(data, { ...options, world: later })
  expect(report).toMatchObject({ ...failed('PROVIDER_STUCK'), requests: 1 })
})
