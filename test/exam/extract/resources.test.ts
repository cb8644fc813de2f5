import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { getCheckpoint } from '../../../src/state/checkpoints.ts'
import { runIssues } from '../../../src/state/runs.ts'
import { filesFolder, type StatementFile } from '../../../src/state/statement-files.ts'
import { realWorld, type World } from '../../../src/world.ts'
import {
  dataFolder,
  extractOnce,
  fdxProvider,
  landedPages,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'
import { type SandboxFdx, sandboxProvider, sandboxToken } from '../../support/extract-sandbox.ts'

let box: Sandbox
beforeAll(async () => {
  box = await startSandbox({
    port: 0,
    connections: 3,
    accounts: 3,
    transactions: 5,
    today: '2026-01-15',
  })
})
afterEach(() => box.behave())
afterAll(() => box[Symbol.asyncDispose]())

const all = ['customers', 'accounts', 'transactions', 'contact', 'payment-networks', 'statements']
type Data = ReturnType<typeof dataFolder>
const files = ({ state }: Data) =>
  state.db
    .prepare('select * from statement_files order by account_id, statement_id')
    .all() as unknown as StatementFile[]
const asked = (provider: SandboxFdx) => ({ ...box.requests()[provider] })

test.each(['outbound', 'v6'] as const)(
  '%s: every resource is landed under its entity, and what is not offered is asked for once',
  async (name) => {
    using data = dataFolder()
    const options = {
      provider: sandboxProvider(box, name),
      pipeline: pipeline({ resources: all, historyDays: 800 }),
      token: sandboxToken(box, name, 0),
    }
    const report = await extractOnce(data, options)
    expect([report.status, report.code, report.message]).toEqual(['ok', '', ''])
    const entities = new Set(landedPages(data.paths).map(({ entity }) => entity))
    expect([...entities].sort()).toEqual(
      [
        'fdx.accounts',
        'fdx.customers',
        'fdx.payment_networks',
        'fdx.statements',
        'fdx.transactions',
        ...(name === 'outbound' ? [] : ['fdx.contact']),
      ].sort(),
    )
    const contacts = landedPages(data.paths).filter(({ entity }) => entity === 'fdx.contact')
    for (const page of contacts) expect(page).toMatchObject({ marks: ['bare_record'], last: true })

    const before = asked(name)
    const again = await extractOnce(data, options)
    expect(again.status).toBe('ok')
    // Deposit accounts alone have payment networks; nobody at this one has a contact.
    const of = (endpoint: string) =>
      Number(asked(name)[endpoint as never]) - Number(before[endpoint as never])
    const refused = runIssues(data.state, report.runId).filter(
      ({ code }) => code === 'NOT_SUPPORTED',
    )
    expect(refused.length).toBeGreaterThan(0)
    expect(
      runIssues(data.state, again.runId).filter(({ code }) => code === 'NOT_SUPPORTED'),
    ).toEqual([])
    expect(of('accounts')).toBe(1)
    expect(of('payment-networks')).toBe(
      3 - refused.filter(({ stream }) => stream.startsWith('payment-networks/')).length,
    )
  },
)

test('501 under HTTP 500 is a part that is down: asked again by the next run', async () => {
  using data = dataFolder()
  const report = await extractOnce(data, {
    provider: sandboxProvider(box, 'rotating'),
    pipeline: pipeline({ resources: all }),
    token: sandboxToken(box, 'rotating', 0),
  })
  expect(report).toMatchObject({ status: 'partial', code: 'PROVIDER_DOWN' })
  expect(landedPages(data.paths).some(({ entity }) => entity === 'fdx.contact')).toBe(true)
})

test('statements with their files: kept, being made, elsewhere, each once', async () => {
  using data = dataFolder()
  const options = {
    provider: sandboxProvider(box, 'v6', { windowParameters: 'startDate' }),
    pipeline: pipeline({ resources: ['statements'], statementFiles: true, historyDays: 800 }),
    token: sandboxToken(box, 'v6', 1),
  }
  const report = await extractOnce(data, options)
  expect(report.status).toBe('ok')
  const kept = files(data).filter(({ status }) => status === 'kept')
  const later = files(data).filter(({ status }) => status === 'later')
  // One of them is still being made when it is first asked for.
  expect([kept.length, later.length]).toEqual([36, 0])
  expect(asked('v6').statement).toBe(37)
  expect(runIssues(data.state, report.runId)).toEqual([])
  for (const { file, sha256, bytes } of kept) {
    const text = readFileSync(join(filesFolder(data.paths), file))
    expect(text.length).toBe(bytes)
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256)
    expect(file).toMatch(/^c1\/[0-9a-f]{32}\.pdf$/)
  }
  const before = asked('v6')
  const again = await extractOnce(data, options)
  expect(again.status).toBe('ok')
  expect(asked('v6').statement).toBe(before.statement)
})

test('a redirect of a file is one hop that takes no credential along; a second one is not followed', async () => {
  const elsewhere: (string | undefined)[][] = []
  await using store = await serve((request, response) => {
    elsewhere.push(
      ['authorization', 'x-api-key', 'dpop', 'fdx-api-actor-type', 'x-own'].map((name) =>
        request.headers[name]?.toString(),
      ),
    )
    if (request.url === '/twice') response.writeHead(302, { location: '/s1.pdf' }).end()
    else if (request.url === '/expired') sendJson(response, {}, 403)
    else response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.4 file')
  })
  const places: Record<string, string> = {
    s1: `${store.url}/s1.pdf`,
    s2: `${store.url}/twice`,
    s3: 'http://bank.example/s3.pdf',
    s4: `${store.url}/expired`,
    s5: 'javascript:alert(1)',
    s6: `http://user:pass@127.0.0.1:1/s6.pdf`,
  }
  let tokens = 0
  await using bank = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/accounts') return sendJson(response, { accounts: [{ accountId: 'a' }] })
    if (path === '/accounts/a/statements')
      return sendJson(response, {
        statements: Object.keys(places).map((statementId) => ({ statementId })),
      })
    response.writeHead(302, { location: places[path.split('/').at(-1) ?? ''] ?? '' }).end()
  })
  using data = dataFolder()
  const report = await extractOnce(data, {
    provider: fdxProvider(bank.url, { headers: { 'x-own': 'us' } }),
    pipeline: pipeline({ resources: ['statements'], statementFiles: true }),
    token: async () => `token-${tokens++}`,
  })
  expect(report.status).toBe('ok')
  expect(files(data).map(({ statement_id, status, code }) => [statement_id, status, code])).toEqual(
    [
      ['s1', 'kept', ''],
      ['s2', 'refused', 'NO_DATA'],
      ['s3', 'refused', 'FOREIGN_ORIGIN'],
      ['s4', 'refused', 'NO_DATA'],
      ['s5', 'refused', 'FOREIGN_ORIGIN'],
      ['s6', 'refused', 'FOREIGN_ORIGIN'],
    ],
  )
  expect(elsewhere.flat().every((value) => value === undefined)).toBe(true)
  expect(elsewhere).toHaveLength(3)
})

test('a file that is refused, too large or no PDF is recorded and not asked for again for a while', async () => {
  let downloads = 0
  await using bank = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/accounts') return sendJson(response, { accounts: [{ accountId: 'a' }] })
    if (path === '/accounts/a/statements')
      return sendJson(response, {
        statements: [406, 413, 200, 1].map((one) => ({ statementId: String(one) })),
      })
    downloads++
    if (path.endsWith('/406')) return sendJson(response, { code: 1203 }, 406)
    expect(request.headers.accept).toBe('application/pdf')
    if (path.endsWith('/413')) return sendJson(response, { code: 413 }, 413)
    if (path.endsWith('/200')) return sendJson(response, { sorry: true })
    const chunk = Buffer.alloc(1 << 20, 'x')
    const more = () => {
      while (response.write(chunk));
    }
    response.writeHead(200).on('drain', more)
    response.write('%PDF-1.7')
    more()
  })
  using data = dataFolder()
  const options = {
    provider: fdxProvider(bank.url, { pace: { requestTimeoutSeconds: 60, budgetSeconds: 120 } }),
    pipeline: pipeline({ resources: ['statements'], statementFiles: true }),
  }
  for (let run = 0; run < 2; run++)
    expect(await extractOnce(data, options)).toMatchObject({ status: 'ok' })
  expect(files(data).map(({ statement_id, code }) => [statement_id, code])).toEqual([
    ['1', 'BODY_TOO_LARGE'],
    ['200', 'ANSWER_INVALID'],
    ['406', 'REQUEST_INVALID'],
    ['413', 'REQUEST_INVALID'],
  ])
  // Of 406 every form is asked for.
  expect(downloads).toBe(8)
  const later = (days: number): World => ({
    ...realWorld,
    now: () => Date.now() + days * 86_400_000,
  })
  await extractOnce(data, { ...options, world: later(4) })
  expect(downloads).toBe(9)
  await extractOnce(data, { ...options, world: later(35) })
  expect(downloads).toBe(17)
})

test('a run that is stopped before the files goes on with them', async () => {
  const stop = new AbortController()
  let isCalm = false
  await using bank = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/accounts') return sendJson(response, { accounts: [{ accountId: 'a' }] })
    if (path === '/accounts/a/statements')
      return sendJson(response, { statements: [{ statementId: 's1' }, { statementId: 's2' }] })
    if (path.endsWith('/s2') && !isCalm) return stop.abort()
    response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF-1.4 file')
  })
  using data = dataFolder()
  const options = {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['statements'], statementFiles: true }),
  }
  const first = await extractOnce(data, { ...options, signal: stop.signal })
  expect(first).toMatchObject({ status: 'stopped', code: 'STOPPED' })
  expect(files(data).map(({ status }) => status)).toEqual(['kept', 'later'])
  expect(getCheckpoint(data.state, 'c1', 'statements/a')).toMatchObject({
    complete: 0,
    good_until: null,
  })
  isCalm = true
  expect(await extractOnce(data, options)).toMatchObject({ status: 'ok' })
  expect(files(data).map(({ status }) => status)).toEqual(['kept', 'kept'])
  expect(getCheckpoint(data.state, 'c1', 'statements/a')).toMatchObject({ complete: 1 })
})

test('accountDetail each: what the list leaves out is asked for account by account', async () => {
  const paths: string[] = []
  await using bank = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    paths.push(path)
    const account = (accountId: string) => ({
      depositAccount: { accountId, transactionsIncluded: accountId === 'b', transactions: [] },
    })
    if (path === '/accounts')
      return sendJson(response, {
        accounts: ['a', 'b'].map((accountId) => ({ depositAccount: { accountId } })),
      })
    if (path.endsWith('/transactions')) return sendJson(response, { transactions: [] })
    sendJson(response, account(path.split('/').at(-1) ?? ''))
  })
  using data = dataFolder()
  const report = await extractOnce(data, {
    provider: fdxProvider(bank.url, { version: 5, accountDetail: 'each' }),
    pipeline: pipeline({ resources: ['accounts', 'transactions'] }),
  })
  expect(report.status).toBe('ok')
  expect(paths).toEqual(['/accounts', '/accounts/a', '/accounts/b', '/accounts/a/transactions'])
  expect(
    landedPages(data.paths).map(({ entity, account_id, marks }) => [entity, account_id, marks]),
  ).toEqual([
    ['fdx.accounts', null, ['descriptors']],
    ['fdx.accounts', 'a', ['bare_record']],
    ['fdx.accounts', 'b', ['bare_record']],
    ['fdx.transactions', 'a', []],
  ])
})

test('a refusal that was learned is believed for 30 days', async () => {
  let transactions = 0
  await using bank = await serve((request, response) => {
    if (!request.url?.includes('/transactions'))
      return sendJson(response, { accounts: [{ accountId: 'a' }] })
    transactions++
    sendJson(response, { code: '704' }, 422)
  })
  using data = dataFolder()
  const options = {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['transactions'] }),
  }
  await extractOnce(data, options)
  const world = (days: number): World => ({
    ...realWorld,
    now: () => Date.now() + days * 86_400_000,
  })
  await extractOnce(data, { ...options, world: world(29) })
  expect(transactions).toBe(1)
  await extractOnce(data, { ...options, world: world(31) })
  expect(transactions).toBe(2)
})

test('a statement that is not to be had as PDF is kept as a picture; one being made is asked for again', async () => {
  const png = Buffer.from('\x89PNG picture', 'latin1')
  let polls = 0
  await using bank = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/accounts') return sendJson(response, { accounts: [{ accountId: 'a' }] })
    if (path === '/accounts/a/statements')
      return sendJson(response, {
        statements: [{ statementId: 'picture' }, { statementId: 'slow' }],
      })
    if (path.endsWith('/slow')) {
      if (++polls < 3) return sendJson(response, { code: 1300 }, 400)
      return response.writeHead(200).end('%PDF-1.7')
    }
    if (request.headers.accept !== 'image/png') return sendJson(response, { code: 1203 }, 406)
    response.writeHead(200, { 'content-type': 'image/png' }).end(png)
  })
  using data = dataFolder()
  const waits: number[] = []
  const report = await extractOnce(data, {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['statements'], statementFiles: true }),
    world: {
      ...realWorld,
      sleep: async (ms, signal) => {
        if (ms >= 1000) waits.push(ms)
        else await realWorld.sleep(ms, signal)
      },
    },
  })
  expect(report.status).toBe('ok')
  expect(files(data).map(({ statement_id, media_type }) => [statement_id, media_type])).toEqual([
    ['picture', 'image/png'],
    ['slow', 'application/pdf'],
  ])
  const [picture] = files(data)
  expect(picture?.file).toMatch(/\.png$/)
  expect(readFileSync(join(filesFolder(data.paths), picture?.file ?? ''))).toEqual(png)
  expect(waits).toEqual([1000, 2000])
})

test('after a partial answer the same days are asked for again; a whole one settles them', async () => {
  let status = 206
  const starts: string[] = []
  await using bank = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    if (url.pathname === '/accounts') return sendJson(response, { accounts: [{ accountId: 'a' }] })
    starts.push(url.searchParams.get('startTime') ?? '')
    sendJson(response, { transactions: [{ transactionId: 't', amount: 1 }] }, status)
  })
  using data = dataFolder()
  const run = () =>
    extractOnce(data, {
      provider: fdxProvider(bank.url),
      pipeline: pipeline({ resources: ['transactions'], historyDays: 700, lookbackDays: 5 }),
    })
  const first = await run()
  expect(runIssues(data.state, first.runId)).toMatchObject([{ code: 'PARTIAL_CONTENT' }])
  status = 200
  await run()
  await run()
  expect(starts[1]).toBe(starts[0])
  expect(starts[2] && starts[1] && starts[2] > starts[1]).toBe(true)
})

test('a partial page before a run was stopped makes the reading partial that goes on', async () => {
  const stop = new AbortController()
  let isCalm = false
  const starts: string[] = []
  await using bank = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    if (url.pathname === '/accounts') return sendJson(response, { accounts: [{ accountId: 'a' }] })
    if (url.searchParams.get('offset') === null)
      starts.push(url.searchParams.get('startTime') ?? '')
    else if (!isCalm) return stop.abort()
    const isFirst = starts.length === 1 && url.searchParams.get('offset') === null
    const page = isFirst ? { nextOffset: 'two' } : {}
    const status = isFirst ? 206 : 200
    sendJson(response, { page, transactions: [{ transactionId: 't', amount: 1 }] }, status)
  })
  using data = dataFolder()
  const run = (signal?: AbortSignal) =>
    extractOnce(data, {
      provider: fdxProvider(bank.url),
      pipeline: pipeline({ resources: ['transactions'], historyDays: 700, lookbackDays: 5 }),
      ...(signal && { signal }),
    })
  expect(await run(stop.signal)).toMatchObject({ status: 'stopped' })
  isCalm = true
  expect(await run()).toMatchObject({ status: 'partial', code: 'PARTIAL_CONTENT' })
  expect(await run()).toMatchObject({ status: 'ok' })
  expect(await run()).toMatchObject({ status: 'ok' })
  expect(starts).toHaveLength(3)
  expect(starts[1]).toBe(starts[0])
  expect(starts[2] && starts[1] && starts[2] > starts[1]).toBe(true)
})

test('one resource that is forbidden without a code costs that resource and one renewal', async () => {
  let renewals = 0
  await using bank = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/accounts')
      return sendJson(response, { accounts: [{ accountId: 'a' }, { accountId: 'b' }] })
    if (path.endsWith('/contact')) return response.writeHead(403).end()
    sendJson(response, { transactions: [] })
  })
  using data = dataFolder()
  const report = await extractOnce(data, {
    provider: fdxProvider(bank.url),
    pipeline: pipeline({ resources: ['contact', 'transactions'] }),
    token: async (rejected?: string) => (rejected === undefined ? 'old' : `new${++renewals}`),
  })
  expect(report).toMatchObject({ status: 'partial', code: 'SCOPE_MISSING' })
  expect(bank.asked.filter((line) => line.includes('/transactions'))).toHaveLength(2)
  expect(renewals).toBeLessThanOrEqual(2)
})
