import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { loginIdOf, loginOf } from '../../../src/sandbox/flinks-logins.ts'
import { sandboxCredentials, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { webhookSignature } from '../../../src/sandbox/webhook.ts'
import { flinks, flinksAuthorize, flinksKey, got } from '../../support/sandbox.ts'

interface FlinksBody {
  readonly RequestId: string
  readonly FlinksCode?: string
  readonly Login: { readonly Id: string; readonly LastRefresh: string }
  readonly SecurityChallenges?: readonly { readonly Prompt: string }[]
  readonly Accounts: readonly {
    readonly Id: string
    readonly Balance: { readonly Current: number }
    readonly Holder?: object
    readonly Transactions?: readonly {
      readonly Date: string
      readonly Debit: number | null
      readonly Credit: number | null
      readonly Balance: number
    }[]
  }[]
}

const today = '2026-06-20'

test('LoginIds are read back without a list, and no other text is one', () => {
  for (const login of [0, 1, 99_999])
    expect(loginOf('s', loginIdOf('s', login), 100_000)).toBe(login)
  expect(loginOf('s', loginIdOf('s', 5), 5)).toBeUndefined()
  expect(loginOf('s', loginIdOf('other', 1), 5)).toBeUndefined()
})

test('an authorize token is single use, and the key guards it', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const wrong = await flinks(sandbox, 'POST', '/GenerateAuthorizeToken', {
    'flinks-auth-key': 'no',
  })
  expect([wrong.status, wrong.json<FlinksBody>().FlinksCode]).toEqual([401, 'UNAUTHORIZED'])
  const key = { 'flinks-auth-key': sandboxCredentials.flinksAuthKey }
  const { Token } = (await flinks(sandbox, 'POST', '/GenerateAuthorizeToken', key)).json<{
    Token: string
  }>()
  const body = { LoginId: sandbox.logins()[0]?.loginId, MostRecentCached: true }
  const use = () => flinks(sandbox, 'POST', '/Authorize', { 'flinks-auth-key': Token }, body)
  expect((await use()).status).toBe(200)
  expect((await use()).json<FlinksBody>().FlinksCode).toBe('UNAUTHORIZED')
})

test('login 0 answers at once: running balances, windows, and what is left out on request', async () => {
  await using sandbox = await startSandbox({ port: 0, today })
  const { RequestId, Login } = (await flinksAuthorize(sandbox, 0)).json<FlinksBody>()
  expect(Login.LastRefresh).toMatch(/^2026-06-20T\d\d:\d\d:\d\d\.\d{6,7}$/)
  const detail = async (more: object) =>
    (
      await flinks(sandbox, 'POST', '/GetAccountsDetail', flinksKey, { RequestId, ...more })
    ).json<FlinksBody>()
  const short = await detail({})
  const long = await detail({ DaysOfTransactions: 'Days365', WithKYC: false })
  const rows = short.Accounts[0]?.Transactions ?? []
  expect(rows.length).toBeGreaterThan(20)
  expect(long.Accounts[0]?.Transactions?.length).toBeGreaterThan(rows.length)
  expect(rows.every((row) => row.Date >= '2026-03-22')).toBe(true)
  expect(rows[0]?.Balance).toBe(short.Accounts[0]?.Balance.Current)
  for (const [at, row] of rows.entries()) {
    const older = rows[at + 1]
    if (!older) continue
    const moved = Math.round(((row.Credit ?? 0) - (row.Debit ?? 0)) * 100)
    expect(Math.round(row.Balance * 100)).toBe(Math.round(older.Balance * 100) + moved)
  }
  expect(short.Accounts[0]).toHaveProperty('Holder')
  expect(long.Accounts[0]).not.toHaveProperty('Holder')
  const one = await detail({ AccountsFilter: [short.Accounts[1]?.Id], WithTransactions: false })
  expect(one.Accounts.map((account) => account.Id)).toEqual([short.Accounts[1]?.Id])
  expect(one.Accounts[0]).not.toHaveProperty('Transactions')
})

test('login 1 is slow: 202 until its seconds are over, then the whole by GET', async () => {
  let now = Date.parse(`${today}T12:00:00Z`)
  await using sandbox = await startSandbox({ port: 0, today, clock: () => now })
  const { RequestId } = (await flinksAuthorize(sandbox, 1)).json<FlinksBody>()
  const first = await flinks(sandbox, 'POST', '/GetAccountsDetail', flinksKey, {
    RequestId,
    DaysOfTransactions: 'Days365',
  })
  expect([first.status, first.json<FlinksBody>().FlinksCode]).toEqual([202, 'OPERATION_PENDING'])
  const poll = () => flinks(sandbox, 'GET', `/GetAccountsDetailAsync/${RequestId}`, flinksKey)
  expect((await poll()).status).toBe(202)
  now += 2000
  const whole = await poll()
  expect(whole.status).toBe(200)
  const oldest = whole.json<FlinksBody>().Accounts[0]?.Transactions?.at(-1)?.Date ?? ''
  expect(oldest < '2026-02-01').toBe(true)
})

test('login 2 asks a question, live and cached, and opens with the answer', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  for (const MostRecentCached of [false, true]) {
    const asked = await flinksAuthorize(sandbox, 2, { MostRecentCached })
    expect([asked.status, asked.json()['HttpStatusCode']]).toEqual([203, 203])
  }
  const { RequestId, SecurityChallenges } = (await flinksAuthorize(sandbox, 2)).json<FlinksBody>()
  const prompt = SecurityChallenges?.[0]?.Prompt ?? ''
  const closed = await flinks(sandbox, 'POST', '/GetAccountsDetail', flinksKey, { RequestId })
  expect(closed.json<FlinksBody>().FlinksCode).toBe('SESSION_NONEXISTENT')
  const answer = (SecurityResponses: object) =>
    flinksAuthorize(sandbox, 2, { RequestId, SecurityResponses })
  expect((await answer({ other: ['Montreal'] })).json<FlinksBody>().FlinksCode).toBe(
    'UNKNOWN_CHALLENGE_KEY',
  )
  expect((await answer({ [prompt]: ['Rome'] })).json<FlinksBody>().FlinksCode).toBe(
    'INVALID_SECURITY_RESPONSE',
  )
  expect((await answer({ [prompt]: ['Montreal'] })).status).toBe(200)
  const open = await flinks(sandbox, 'POST', '/GetAccountsSummary', flinksKey, { RequestId })
  expect(open.json<FlinksBody>().Accounts.length).toBeGreaterThan(0)
  expect((await flinksAuthorize(sandbox, 2)).status).toBe(200)
})

test('login 3 is disabled; data wants x-api-key; a deleted card is unknown', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  expect((await flinksAuthorize(sandbox, 3)).json<FlinksBody>().FlinksCode).toBe('DISABLED_LOGIN')
  const { RequestId } = (await flinksAuthorize(sandbox, 0)).json<FlinksBody>()
  const keyless = await flinks(sandbox, 'POST', '/GetAccountsDetail', {}, { RequestId })
  expect(keyless.status).toBe(401)
  const statements = await flinks(sandbox, 'POST', '/GetStatements', flinksKey, { RequestId })
  expect(statements.text).toContain(Buffer.from('%PDF-1.4').toString('base64').slice(0, 8))
  const gone = await flinks(sandbox, 'DELETE', `/DeleteCard/${sandbox.logins()[0]?.loginId}`, {})
  expect(gone.status).toBe(200)
  expect((await flinksAuthorize(sandbox, 0)).json<FlinksBody>().FlinksCode).toBe('INVALID_LOGIN')
})

test('Connect sends the LoginId to the redirect address', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const page = `${sandbox.url}/flinks/v2/?redirectUrl=${encodeURIComponent('http://127.0.0.1:1/back?x=1')}`
  expect((await got(page, {})).text).toContain(sandbox.logins()[1]?.name.replace("'", '&#39;'))
  const target = new URL((await got(`${page}&login=1`, {})).headers.get('location') ?? '')
  expect(target.searchParams.get('loginId')).toBe(sandbox.logins()[1]?.loginId)
  expect(target.searchParams.get('x')).toBe('1')
})

test('a webhook is signed over its raw body; a signature of one’s own is sent as it is', async () => {
  const received: { body: string; signature: unknown }[] = []
  const server = createServer(async (request, response) => {
    const body = (await Array.fromAsync(request)).join('')
    received.push({ body, signature: request.headers['flinks-authenticity-key'] })
    response.writeHead(200).end()
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  await using sandbox = await startSandbox({ port: 0, today })
  expect(await sandbox.webhook(url, 0)).toBe(200)
  const sent = await got(`${sandbox.url}/admin/webhook`, {
    method: 'POST',
    body: JSON.stringify({ url, login: 0, signature: 'wrong' }),
  })
  expect(sent.json()).toEqual({ status: 200 })
  server.close()
  const [good, bad] = received
  expect(good?.signature).toBe(webhookSignature(good?.body ?? ''))
  expect(JSON.parse(good?.body ?? '')).toMatchObject({
    ResponseType: 'GetAccountsDetail',
    HttpStatusCode: 200,
  })
  expect(bad?.signature).toBe('wrong')
})
