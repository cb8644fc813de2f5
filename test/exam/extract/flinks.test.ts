import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ConnectionReport } from '../../../src/extract/extract.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { getCheckpoint, saveCheckpoint } from '../../../src/state/checkpoints.ts'
import { getConnection } from '../../../src/state/connections.ts'
import { runIssues } from '../../../src/state/runs.ts'
import { realWorld, type World } from '../../../src/world.ts'
import {
  dataFolder,
  extractAll,
  extractOnce,
  flinksProvider,
  landedPages,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'
import { sandboxProvider } from '../../support/extract-sandbox.ts'

type Expected = Pick<ConnectionReport, 'status' | 'code'> & { readonly pages?: number }
const fine: Expected = { status: 'ok', code: '', pages: 1 }
const failed = (code: ConnectionReport['code']): Expected => ({ status: 'failed', code, pages: 0 })

let box: Sandbox
beforeAll(async () => {
  box = await startSandbox({ port: 0, connections: 8, pendingSeconds: 0.2, today: '2026-01-15' })
})
afterEach(() => box.behave())
afterAll(() => box[Symbol.asyncDispose]())

const login = (person: number) => box.logins()[person]?.loginId

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
  const onceWaiting: World = {
    ...realWorld,
    async sleep(ms, signal) {
      if (getCheckpoint(data.state, 'c1', 'detail')?.cursor) stop.abort()
      await realWorld.sleep(ms, signal)
    },
  }
  const options = { provider, loginId: login(4) }
  const first = await extractOnce(data, { ...options, world: onceWaiting, signal: stop.signal })
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

test.each([
  ['has failed', 500, { FlinksCode: 'AGGREGATION_ERROR' }, false],
  ['asks the person', 203, { SecurityChallenges: [] }, false],
  ['is unknown', 404, {}, false],
  ['may still be at work behind a gateway', 502, '<html>', true],
  ['may still be at work, asked too often', 401, { FlinksCode: 'TOO_MANY_REQUESTS' }, true],
])('a request that %s', async (_, status, body, isPending) => {
  await using bank = await serve((request, response) => {
    if (request.url?.endsWith('Token')) return sendJson(response, { Token: 't' })
    if (request.url?.endsWith('Authorize')) return sendJson(response, { RequestId: 'r' })
    if (request.url?.endsWith('GetAccountsDetail'))
      return sendJson(response, { FlinksCode: 'OPERATION_PENDING' }, 202)
    sendJson(response, body, status)
  })
  using data = dataFolder()
  const provider = flinksProvider(bank.url, { pace: { attempts: 2, firstRetryMs: 1 } })
  await extractOnce(data, { provider, loginId: 'l' })
  expect(getCheckpoint(data.state, 'c1', 'detail')).toMatchObject({
    complete: 0,
    cursor: isPending ? 'r' : null,
  })
})

test('what Flinks has not refreshed is not fetched again; what it has, is', async () => {
  using data = dataFolder()
  const provider = sandboxProvider(box, 'flinks')
  const options = { provider, loginId: login(4) }
  expect(await extractOnce(data, options)).toMatchObject(fine)
  const details = () => box.requests().flinks?.GetAccountsDetail
  const before = details()
  const again = await extractOnce(data, options)
  expect(again).toMatchObject({ status: 'ok', pages: 0, requests: 2 })
  expect(runIssues(data.state, again.runId)).toMatchObject([{ code: 'NOT_REFRESHED' }])
  expect(details()).toBe(before)
  const wider = sandboxProvider(box, 'flinks', { daysOfTransactions: 'Days90' })
  expect(await extractOnce(data, { ...options, provider: wider })).toMatchObject(fine)
  const live = sandboxProvider(box, 'flinks', { mode: 'live' })
  expect(await extractOnce(data, { ...options, provider: live })).toMatchObject(fine)
})

test('accounts without one transaction are asked for again by the next run', async () => {
  using data = dataFolder()
  const options = { provider: sandboxProvider(box, 'flinks'), loginId: login(5) }
  box.misbehave({ name: 'empty_transactions', provider: 'flinks', person: 5 })
  const first = await extractOnce(data, options)
  expect(first).toMatchObject(fine)
  expect(runIssues(data.state, first.runId)).toMatchObject([{ code: 'TRANSACTIONS_EMPTY' }])
  box.behave()
  const second = await extractOnce(data, options)
  expect(second).toMatchObject(fine)
  expect(runIssues(data.state, second.runId)).toEqual([])
})

test('summary, detail and statements come over one session', async () => {
  using data = dataFolder()
  const flinks = ['summary', 'detail', 'statements']
  const report = await extractOnce(data, {
    provider: sandboxProvider(box, 'flinks'),
    loginId: login(4),
    pipeline: pipeline({ flinks }),
  })
  expect(report).toMatchObject({ status: 'ok', pages: 3, requests: 5 })
  expect(landedPages(data.paths).map(({ entity }) => entity)).toEqual([
    'flinks.detail',
    'flinks.summary',
    'flinks.statements',
  ])
})

test('statements that are not enabled are not asked for again for a month', async () => {
  let asked = 0
  await using bank = await serve((request, response) => {
    if (request.url?.endsWith('Token')) return sendJson(response, { Token: 't' })
    if (request.url?.endsWith('Authorize')) return sendJson(response, { RequestId: 'r' })
    if (request.url?.endsWith('GetAccountsDetail')) return sendJson(response, { Accounts: [] })
    asked++
    sendJson(response, { FlinksCode: 'METHOD_NOT_AVAILABLE' }, 400)
  })
  using data = dataFolder()
  const options = {
    provider: flinksProvider(bank.url),
    loginId: 'l',
    pipeline: pipeline({ flinks: ['detail', 'statements'] }),
  }
  for (let run = 0; run < 2; run++) expect(await extractOnce(data, options)).toMatchObject(fine)
  expect(asked).toBe(1)
  const later: World = { ...realWorld, now: () => Date.now() + 31 * 86_400_000 }
  await extractOnce(data, { ...options, world: later })
  expect(asked).toBe(2)
})

test('a login that the nightly refresh leaves out is told of; the status is asked for once a run', async () => {
  const bearers: unknown[] = []
  await using bank = await serve((request, response) => {
    if (request.url?.endsWith('Token')) return sendJson(response, { Token: 't' })
    if (request.url?.endsWith('Authorize')) return sendJson(response, { RequestId: 'r' })
    if (request.url?.endsWith('GetAccountsDetail')) return sendJson(response, { Accounts: [] })
    bearers.push(request.headers.authorization)
    const state = { LastRefreshState: 'AnsweringSecurityChallenge', LastRefreshErrorCode: null }
    sendJson(response, { IneligibleCards: [{ LoginId: 'L2', ...state }] })
  })
  using data = dataFolder()
  const provider = flinksProvider(bank.url, { apiSecret: 'bearer-secret' })
  const reports = await extractAll(data, [
    { provider, connectionId: 'a', loginId: 'l1' },
    { provider, connectionId: 'b', loginId: 'l2' },
  ])
  expect(reports).toMatchObject([fine, fine])
  expect(bearers).toEqual(['Bearer bearer-secret'])
  expect(runIssues(data.state, reports[0]?.runId ?? '')).toMatchObject([
    {
      connection_id: 'b',
      code: 'NIGHTLY_INELIGIBLE',
      message: expect.stringContaining('Answering'),
    },
  ])
})

test('a webhook ends the polling', async () => {
  using data = dataFolder()
  box.misbehave({ name: 'pending_forever', provider: 'flinks', person: 4 })
  const delivered: World = {
    ...realWorld,
    async sleep() {
      const waiting = getCheckpoint(data.state, 'c1', 'detail')
      if (waiting) saveCheckpoint(data.state, { ...waiting, cursor: null, complete: 1 })
    },
  }
  const provider = sandboxProvider(box, 'flinks')
  const report = await extractOnce(data, { provider, loginId: login(4), world: delivered })
  expect(report).toMatchObject({ status: 'ok', pages: 0 })
})

test('a request that has failed at Flinks is not polled again: the next run starts another', async () => {
  let polls = 0
  let isFine = false
  await using flinks = await serve((request, response) => {
    const path = request.url ?? ''
    if (path.includes('GenerateAuthorizeToken')) return sendJson(response, { Token: 't' })
    if (path.includes('GetAccountsDetailAsync')) {
      polls++
      return sendJson(response, { FlinksCode: 'AGGREGATION_ERROR' }, 401)
    }
    if (path.includes('GetAccountsDetail'))
      return isFine
        ? sendJson(response, { Login: { Id: 'l' }, Accounts: [] })
        : sendJson(response, { FlinksCode: 'OPERATION_PENDING', RequestId: 'r' }, 202)
    sendJson(response, { RequestId: 'r', Login: { Id: 'l' } })
  })
  using data = dataFolder()
  const options = { provider: flinksProvider(flinks.url), loginId: 'l' }
  expect((await extractOnce(data, options)).status).toBe('failed')
  expect(getCheckpoint(data.state, 'c1', 'detail')).toMatchObject({ complete: 0, cursor: null })
  const before = polls
  isFine = true
  expect((await extractOnce(data, options)).status).toBe('ok')
  expect(polls).toBe(before)
})
