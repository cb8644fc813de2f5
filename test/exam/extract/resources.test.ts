import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
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
  expect([kept.length, later.length]).toEqual([35, 1])
  expect(runIssues(data.state, report.runId)).toMatchObject([{ code: 'STATEMENT_LATER' }])
  for (const { file, sha256, bytes } of kept) {
    const text = readFileSync(join(filesFolder(data.paths), file))
    expect(text.length).toBe(bytes)
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256)
    expect(file).toMatch(/^c1\/[0-9a-f]{32}\.pdf$/)
  }
  const before = asked('v6')
  const again = await extractOnce(data, options)
  expect(again.status).toBe('ok')
  expect(files(data).every(({ status }) => status === 'kept')).toBe(true)
  expect(Number(asked('v6').statement) - Number(before.statement)).toBe(1)
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

test('a file that is refused, too large or no PDF is recorded and not asked for again', async () => {
  let downloads = 0
  await using bank = await serve((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (path === '/accounts') return sendJson(response, { accounts: [{ accountId: 'a' }] })
    if (path === '/accounts/a/statements')
      return sendJson(response, {
        statements: [406, 413, 200, 1].map((one) => ({ statementId: String(one) })),
      })
    downloads++
    expect(request.headers.accept).toBe('application/pdf')
    if (path.endsWith('/406')) return sendJson(response, { code: 1203 }, 406)
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
  expect(downloads).toBe(4)
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
    ['fdx.accounts', null, []],
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
