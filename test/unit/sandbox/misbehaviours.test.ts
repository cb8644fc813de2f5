import { gunzipSync } from 'node:zlib'
import { request } from 'undici'
import { expect, test } from 'vitest'
import type { MisbehaviourName } from '../../../src/sandbox/misbehaviours.ts'
import { misbehaviours } from '../../../src/sandbox/misbehaviours.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { sandboxCredentials, startSandbox } from '../../../src/sandbox/sandbox.ts'
import type { Misbehaviour } from '../../../src/sandbox/switchboard.ts'
import type { Got, SandboxClient } from '../../support/sandbox.ts'
import {
  clientOf,
  flinks,
  flinksAuthorize,
  flinksKey,
  got,
  postToken,
} from '../../support/sandbox.ts'

type Row = Record<string, Record<string, unknown>>
interface Body {
  readonly code?: number
  readonly page?: { readonly nextOffset?: string | null }
  readonly links?: { readonly next?: { readonly href: string } | null }
  readonly accounts: readonly Row[]
  readonly transactions: readonly Row[]
  readonly [name: string]: unknown
}

interface Scene {
  readonly sandbox: Sandbox
  readonly client: SandboxClient
  /** Switches the misbehaviour on, with what the rule needs beside its name. */
  on(rule?: Omit<Misbehaviour, 'name'>): void
}

const transactions = '/accounts/11/transactions?limit=50'
const status = async (scene: Scene, path = '/accounts') => (await scene.client.get(path)).status
const codeOf = (answer: Got) => answer.json<Body>().code
const ids = (answer: Got) =>
  answer.json<Body>().transactions.map((row) => Object.values(row)[0]?.['transactionId'])
const nextOf = (answer: Got) => answer.json<Body>().page?.nextOffset ?? ''

async function refresh({ sandbox }: Scene, token?: string): Promise<Got> {
  const refresh_token = token ?? sandbox.grant('rotating', 0).refreshToken
  return postToken(sandbox, 'rotating', { grant_type: 'refresh_token', refresh_token })
}

async function details(scene: Scene): Promise<Row[]> {
  const answer = await scene.client.get('/accounts?resultType=details')
  return [...answer.json<Body>().accounts]
}

/** A Flinks session of login 0, and a call of its detail. */
async function detail({ sandbox }: Scene): Promise<Got> {
  const { RequestId } = (await flinksAuthorize(sandbox, 0)).json<{ RequestId: string }>()
  return flinks(sandbox, 'POST', '/GetAccountsDetail', flinksKey, { RequestId })
}
const flinksCode = (answer: Got) => answer.json<{ FlinksCode: string }>().FlinksCode

/** Each sentence of the list, held against what the sandbox does. The compiler asks for a new one. */
const proofs: Record<MisbehaviourName, (scene: Scene) => Promise<void>> = {
  async expires_mid_paging(scene) {
    scene.on({ variant: '2_requests' })
    const client = await clientOf(scene.sandbox, 'outbound', 1)
    const seen = [
      await client.get('/accounts'),
      await client.get('/accounts'),
      await client.get('/accounts'),
    ]
    expect(seen.map((answer) => answer.status)).toEqual([200, 200, 401])
    scene.sandbox.behave()
    scene.on({ variant: '1_second' })
    expect((await refresh(scene)).json()['expires_in']).toBe(1)
  },
  async invalid_client(scene) {
    scene.on()
    expect((await refresh(scene)).json()['error']).toBe('invalid_client')
  },
  async invalid_grant(scene) {
    scene.on()
    expect((await refresh(scene)).json()['error']).toBe('invalid_grant')
  },
  async refresh_without_refresh_token(scene) {
    for (const [variant, value] of [
      ['absent', undefined],
      ['null', null],
      ['empty', ''],
    ] as const) {
      scene.sandbox.behave()
      scene.on({ variant })
      const { refreshToken } = scene.sandbox.grant('rotating', 0)
      expect((await refresh(scene, refreshToken)).json()['refresh_token']).toBe(value)
      expect((await refresh(scene, refreshToken)).status).toBe(200)
    }
  },
  async token_500_after_rotation(scene) {
    scene.on()
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    expect((await refresh(scene, refreshToken)).status).toBe(500)
    expect((await refresh(scene, refreshToken)).json()['error']).toBe('invalid_grant')
  },
  async token_reset_before(scene) {
    scene.on()
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    await expect(refresh(scene, refreshToken)).rejects.toThrow()
    expect((await refresh(scene, refreshToken)).status).toBe(200)
  },
  async token_reset_after(scene) {
    scene.on()
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    await expect(refresh(scene, refreshToken)).rejects.toThrow()
    expect((await refresh(scene, refreshToken)).status).toBe(400)
  },
  async token_cut_body(scene) {
    for (const variant of ['after_refresh_token', 'before_refresh_token']) {
      scene.on({ variant })
      const text = await partOfToken(scene.sandbox)
      expect(/"refresh_token":"rt\.[^"]+"/.test(text)).toBe(variant === 'after_refresh_token')
      expect(text.endsWith('}')).toBe(false)
    }
  },
  async token_stall(scene) {
    scene.on()
    const { clientId, clientSecret } = sandboxCredentials
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    const body = `grant_type=refresh_token&refresh_token=${refreshToken}&client_id=${clientId}&client_secret=${clientSecret}`
    const stalled = got(`${scene.sandbox.url}/rotating/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
      signal: AbortSignal.timeout(300),
    })
    await expect(stalled).rejects.toThrow()
  },
  async token_html_502(scene) {
    scene.on({ variant: '504' })
    const answer = await refresh(scene)
    expect([answer.status, answer.text.includes('<h1>')]).toEqual([504, true])
  },
  async token_429(scene) {
    scene.on()
    const answer = await refresh(scene)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2'])
  },
  async token_redirect(scene) {
    scene.on()
    const answer = await refresh(scene)
    expect([answer.status, answer.headers.get('location')?.startsWith(scene.sandbox.url)]).toEqual([
      307,
      false,
    ])
  },
  async consent_withdrawn(scene) {
    scene.on({ person: 0 })
    for (const path of ['/customers/current', '/accounts', transactions]) {
      const answer = await scene.client.get(path)
      expect([answer.status, codeOf(answer)]).toEqual([401, 602])
    }
    const other = await clientOf(scene.sandbox, 'outbound', 1)
    expect((await other.get('/accounts')).status).toBe(200)
  },
  async scope_missing(scene) {
    scene.on()
    expect([await status(scene), await status(scene, transactions)]).toEqual([200, 401])
    scene.sandbox.behave()
    scene.on({ endpoint: 'customers' })
    expect([await status(scene, '/customers/current'), await status(scene, transactions)]).toEqual([
      401, 200,
    ])
  },
  async unauthorized_no_code(scene) {
    scene.on({ variant: '403' })
    const answer = await scene.client.get('/accounts')
    expect([answer.status, codeOf(answer)]).toEqual([403, undefined])
    expect(await status(scene)).toBe(200)
  },
  async rate_limited(scene) {
    const waits: (string | null)[] = []
    for (const variant of ['seconds', 'date', 'garbage', 'long']) {
      scene.on({ variant, times: 1 })
      const answer = await scene.client.get('/accounts')
      expect(answer.status).toBe(429)
      waits.push(answer.headers.get('retry-after'))
    }
    expect(waits[0]).toBe('2')
    expect(Date.parse(waits[1] ?? '')).toBeGreaterThan(Date.now() - 5000)
    expect(waits.slice(2)).toEqual(['soon, perhaps', '3600'])
    scene.on({ variant: 'as_422' })
    const answer = await scene.client.get('/accounts')
    expect([answer.status, codeOf(answer)]).toEqual([422, 1207])
    expect([await status(scene), await status(scene)]).toEqual([422, 200])
  },
  async server_error(scene) {
    for (const [variant, seen] of [
      ['500', 500],
      ['502_html', 502],
      ['503', 503],
    ] as const) {
      scene.on({ variant })
      expect([await status(scene), await status(scene), await status(scene)]).toEqual([
        seen,
        seen,
        200,
      ])
    }
  },
  async maintenance_503(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts')
    expect([answer.status, codeOf(answer), answer.headers.get('retry-after')]).toEqual([
      503,
      503,
      '5',
    ])
  },
  async html_200(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts')
    expect([answer.status, answer.text.startsWith('<!doctype')]).toEqual([200, true])
  },
  async redirect_302(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts')
    const target = new URL(answer.headers.get('location') ?? '')
    expect([answer.status, target.hostname]).toEqual([302, 'localhost'])
  },
  async huge_body(scene) {
    for (const variant of ['gzip', 'double_gzip']) {
      scene.sandbox.behave()
      scene.on({ variant })
      const packed = Buffer.from(await (await raw(scene)).body.arrayBuffer())
      expect(packed.length).toBeLessThan(variant === 'gzip' ? 300_000 : 5000)
      const once = gunzipSync(packed)
      expect(variant === 'gzip' ? once.length : gunzipSync(once).length).toBe(256 * 1024 * 1024)
    }
    scene.sandbox.behave()
    scene.on({ variant: 'endless' })
    let bytes = 0
    for await (const chunk of (await raw(scene)).body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > 5_000_000) break
    }
    expect(bytes).toBeGreaterThan(5_000_000)
  },
  async deep_json(scene) {
    scene.on()
    expect((await scene.client.get('/accounts')).text.split('[').length - 1).toBe(1_000_000)
  },
  async window_too_long_703(scene) {
    scene.on()
    const long = await scene.client.get(
      '/accounts/11/transactions?startTime=2026-01-01&endTime=2026-06-20',
    )
    expect([long.status, codeOf(long)]).toEqual([400, 703])
    expect(
      await status(scene, '/accounts/11/transactions?startTime=2026-03-22&endTime=2026-06-20'),
    ).toBe(200)
  },
  async no_data_1107(scene) {
    scene.on()
    const answer = await scene.client.get(transactions)
    expect([answer.status, codeOf(answer), await status(scene)]).toEqual([404, 1107, 200])
  },
  async account_not_found_701(scene) {
    scene.on()
    expect(codeOf(await scene.client.get('/accounts/11'))).toBe(701)
    expect(await status(scene, '/accounts/12')).toBe(200)
  },
  async account_closed_705(scene) {
    scene.on()
    const answer = await scene.client.get(transactions)
    expect([answer.status, codeOf(answer)]).toEqual([409, 705])
  },
  async not_supported_704(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts/15/transactions')
    expect([answer.status, codeOf(answer), await status(scene, transactions)]).toEqual([
      422, 704, 200,
    ])
  },
  async payment_networks_501(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts/11/payment-networks')
    expect([answer.status, codeOf(answer)]).toEqual([405, 501])
  },
  async statement_1300(scene) {
    scene.on()
    const path = '/accounts/11/statements/st-2026-05'
    const seen = [await status(scene, path), await status(scene, path), await status(scene, path)]
    expect(seen).toEqual([400, 400, 200])
  },
  async statement_302(scene) {
    scene.on()
    expect(await status(scene, '/accounts/11/statements/st-2026-05')).toBe(302)
  },
  async repeated_cursor(scene) {
    scene.on()
    const second = nextOf(await scene.client.get(transactions))
    expect(nextOf(await scene.client.get(`${transactions}&offset=${second}`))).toBe(second)
  },
  async cycling_cursor(scene) {
    scene.on()
    const first = await scene.client.get(transactions)
    const second = await scene.client.get(`${transactions}&offset=${nextOf(first)}`)
    const third = await scene.client.get(`${transactions}&offset=${nextOf(second)}`)
    expect(ids(third)).toEqual(ids(first))
  },
  async endless_cursor(scene) {
    scene.on()
    const path = '/accounts/11/transactions?limit=500'
    const cursors = new Set<string>()
    let next = nextOf(await scene.client.get(path))
    for (let page = 0; page < 5; page++) {
      next = nextOf(await scene.client.get(`${path}&offset=${next}`))
      cursors.add(next)
    }
    expect(cursors.size).toBe(5)
    expect(cursors.has('')).toBe(false)
  },
  async endless_empty_pages(scene) {
    scene.on()
    const path = '/accounts/13/statements?limit=500'
    const next = nextOf(await scene.client.get(path))
    const empty = await scene.client.get(`${path}&offset=${next}`)
    expect([
      empty.json<Body>()['statements'],
      nextOf(empty) !== '' && nextOf(empty) !== next,
    ]).toEqual([[], true])
  },
  async foreign_next(scene) {
    for (const variant of misbehaviours.foreign_next.variants) {
      scene.sandbox.behave()
      scene.on({ variant })
      const body = (await scene.client.get(transactions)).json<Body>()
      const href = new URL(body.links?.next?.href ?? '', scene.sandbox.url)
      expect(body.page).toEqual({})
      expect(href.origin).not.toBe(new URL(scene.sandbox.url).origin)
    }
  },
  async missing_page(scene) {
    scene.on()
    const answer = await scene.client.get(transactions)
    expect(answer.json()).not.toHaveProperty('page')
    expect(ids(answer).length).toBeGreaterThan(400)
  },
  async duplicate_transactions(scene) {
    scene.on()
    const first = await scene.client.get(transactions)
    const second = await scene.client.get(`${transactions}&offset=${nextOf(first)}`)
    expect(ids(second)[0]).toBe(ids(first).at(-1))
  },
  async unstable_order(scene) {
    const honest = ids(await scene.client.get(transactions))
    scene.on()
    const first = await scene.client.get(transactions)
    const second = await scene.client.get(`${transactions}&offset=${nextOf(first)}`)
    expect(ids(first)).not.toEqual(honest)
    expect(ids(first).filter((id) => ids(second).includes(id)).length).toBeGreaterThan(0)
  },
  async missing_memo(scene) {
    scene.on()
    const { text } = await scene.client.get(transactions)
    expect([text.includes('debitCreditMemo'), text.includes('"amount":-')]).toEqual([false, false])
  },
  async signed_amounts(scene) {
    scene.on()
    const { text } = await scene.client.get(transactions)
    expect([text.includes('debitCreditMemo'), text.includes('"amount":-')]).toEqual([false, true])
  },
  async pending_then_posted(scene) {
    scene.on()
    expect(ids(await scene.client.get(transactions)).slice(0, 2)).toEqual(['H1-11', 'H2-11'])
    scene.sandbox.behave()
    scene.on({ variant: 'posted' })
    const [row] = (await scene.client.get(transactions)).json<Body>().transactions
    expect(row?.['depositTransaction']).toMatchObject({
      transactionId: 'S1-11',
      referenceTransactionId: 'H1-11',
      status: 'POSTED',
    })
  },
  async unknown_kind(scene) {
    scene.on()
    expect((await details(scene)).map((row) => Object.keys(row)[0])).toEqual([
      'carbonCreditAccount',
      'depositAccount',
      'locAccount',
      'investmentAccount',
      'loanAccount',
    ])
  },
  async unknown_fields(scene) {
    scene.on()
    const [first] = await details(scene)
    const names = Object.keys(first?.['depositAccount'] ?? {})
    expect(names.length).toBeGreaterThan(5000)
    expect(names).toContain('a"; DROP TABLE x; --')
    expect(names).toContain('')
  },
  async wrong_types(scene) {
    scene.on()
    const [deposit, , , investment] = await details(scene)
    expect(deposit?.['depositAccount']).toMatchObject({ currency: 'CAD', transferIn: 'true' })
    expect(deposit?.['depositAccount']?.['currentBalance']).toBeTypeOf('string')
    const [holding] = (investment?.['investmentAccount']?.['holdings'] ?? []) as Row[]
    expect(Array.isArray(holding?.['assetClasses'])).toBe(false)
    expect((await scene.client.get(transactions)).text).toContain('T12:000:00.000Z')
  },
  async account_error_206(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts?resultType=details')
    const [first, second] = answer.json<Body>().accounts
    expect(answer.status).toBe(206)
    expect(first?.['depositAccount']).toHaveProperty('error')
    expect(second?.['depositAccount']).not.toHaveProperty('error')
  },
  async full_number_in_display(scene) {
    scene.on()
    const [first] = await details(scene)
    expect(first?.['depositAccount']?.['accountNumberDisplay']).toMatch(/^\d{12}$/)
  },
  async missing_account_category(scene) {
    scene.on()
    expect(JSON.stringify(await details(scene))).not.toContain('accountCategory')
  },
  async ids_as_numbers(scene) {
    scene.on()
    const { text } = await scene.client.get('/accounts')
    const [, id] = /"accountId":(\d{20}),/.exec(text) ?? []
    const rows = await scene.client.get(`/accounts/${id}/transactions`)
    expect(rows.text).toMatch(/"transactionId":\d{20},/)
  },
  async exact_numbers(scene) {
    scene.on()
    const { text } = await scene.client.get('/accounts?resultType=details')
    expect(text).toContain('"currentBalance":99999999999999.99')
    expect(text).toContain('"units":0.123456789012345678')
    expect(text).toMatch(/"digitalUnits":"0\.\d{30}"/)
  },
  async cut_body(scene) {
    scene.on()
    await expect(scene.client.get('/accounts')).rejects.toThrow()
  },
  async drip(scene) {
    scene.on()
    const start = raw(scene)
    const reader = ((await start).body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    expect((await reader.next()).value?.length).toBe(1)
    await reader.return?.()
  },
  async dirty_json(scene) {
    scene.on()
    const answer = await raw(scene)
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(bytes.toString()).toContain('"twice":1,"twice":2')
    expect(bytes.toString()).toContain('\\ud800')
  },
  async pending_forever(scene) {
    scene.on()
    expect(flinksCode(await detail(scene))).toBe('OPERATION_PENDING')
  },
  async mfa(scene) {
    scene.on()
    expect((await flinksAuthorize(scene.sandbox, 0)).status).toBe(203)
  },
  async agg_error(scene) {
    scene.on()
    const answer = await detail(scene)
    expect([answer.status, flinksCode(answer)]).toEqual([500, 'AGGREGATION_ERROR'])
  },
  async retry_later(scene) {
    scene.on()
    const answer = await flinksAuthorize(scene.sandbox, 0)
    expect([answer.status, flinksCode(answer)]).toEqual([401, 'RETRY_LATER'])
  },
  async too_many_requests_401(scene) {
    scene.on()
    const seen = [await detail(scene), await detail(scene), await detail(scene)]
    expect(seen.map((answer) => answer.status)).toEqual([401, 401, 200])
    expect(flinksCode(seen[0] as Got)).toBe('TOO_MANY_REQUESTS')
  },
  async session_expired(scene) {
    scene.on({ variant: 'expired' })
    const seen = [await detail(scene), await detail(scene)]
    expect(seen.map(flinksCode)).toEqual(['SESSION_EXPIRED', undefined])
  },
  async card_in_use(scene) {
    scene.on()
    const { loginId } = scene.sandbox.logins()[0] ?? {}
    expect(flinksCode(await flinksAuthorize(scene.sandbox, 0))).toBe('CARD_IN_USE')
    expect(flinksCode(await flinks(scene.sandbox, 'DELETE', `/DeleteCard/${loginId}`, {}))).toBe(
      'CARD_IN_USE',
    )
  },
  async empty_transactions(scene) {
    scene.on()
    const { Accounts } = (await detail(scene)).json<{ Accounts: { Transactions: unknown[] }[] }>()
    expect(Accounts.map((account) => account.Transactions.length)).toEqual([0, 0, 0])
  },
  async partial_202(scene) {
    scene.on({ endpoint: 'GetAccountsDetail' })
    const answer = await detail(scene)
    const { Accounts, RequestId } = answer.json<{ Accounts: unknown[]; RequestId: string }>()
    expect([answer.status, Accounts.length]).toEqual([202, 1])
    const whole = await flinks(
      scene.sandbox,
      'GET',
      `/GetAccountsDetailAsync/${RequestId}`,
      flinksKey,
    )
    expect(whole.json<{ Accounts: unknown[] }>().Accounts).toHaveLength(3)
  },
  async unauthorized(scene) {
    scene.on()
    expect(flinksCode(await detail(scene))).toBe('UNAUTHORIZED')
  },
  async slow(scene) {
    scene.on()
    const { RequestId } = (await detail(scene)).json<{ RequestId: string }>()
    scene.sandbox.advance(2)
    expect(
      (await flinks(scene.sandbox, 'GET', `/GetAccountsDetailAsync/${RequestId}`, flinksKey))
        .status,
    ).toBe(200)
  },
}

/** The bytes of a list of accounts, not unpacked. */
function raw({ sandbox, client }: Scene) {
  return request(`${sandbox.url}/outbound/api/fdx/5/accounts`, {
    headers: { authorization: `Bearer ${client.token}` },
  })
}

/** What arrives of a token answer before it breaks off. */
async function partOfToken(sandbox: Sandbox): Promise<string> {
  const { clientId, clientSecret } = sandboxCredentials
  const { refreshToken } = sandbox.grant('rotating', 0)
  const { body } = await request(`${sandbox.url}/rotating/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=refresh_token&refresh_token=${refreshToken}&client_id=${clientId}&client_secret=${clientSecret}`,
  })
  let text = ''
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) text += chunk.toString()
  } catch {
    return text
  }
  throw new Error('The token answer was whole.')
}

for (const [name, proof] of Object.entries(proofs) as [
  MisbehaviourName,
  (scene: Scene) => Promise<void>,
][])
  test(`${name}: ${misbehaviours[name].does}`, async () => {
    await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
    const client = await clientOf(sandbox, 'outbound', 0)
    await proof({ sandbox, client, on: (rule = {}) => sandbox.misbehave({ name, ...rule }) })
  })

test('unknown words in a rule are refused with what there is', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const refused = async (rule: object) => {
    const body = JSON.stringify(rule)
    const answer = await got(`${sandbox.url}/admin/misbehave`, { method: 'POST', body })
    return [answer.status, answer.json<{ message: string }>().message] as const
  }
  expect(await refused({ name: 'explode' })).toEqual([400, expect.stringContaining('cut_body')])
  expect(await refused({ name: 'cut_body', provider: 'x' })).toEqual([
    400,
    expect.stringContaining('outbound'),
  ])
  expect(await refused({ name: 'cut_body', endpoint: 'x' })).toEqual([
    400,
    expect.stringContaining('accounts'),
  ])
  expect(await refused({ name: 'server_error', variant: 'x' })).toEqual([
    400,
    expect.stringContaining('502_html'),
  ])
  expect(sandbox.rules()).toEqual([])
})

test('rules count: after so many, so many times, for one person, until all behave', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'outbound', 0)
  const seen: number[] = []
  sandbox.misbehave({
    name: 'maintenance_503',
    provider: 'outbound',
    person: 0,
    after: 1,
    times: 2,
  })
  for (let at = 0; at < 4; at++) seen.push((await client.get('/accounts')).status)
  expect(seen).toEqual([200, 503, 503, 200])
  sandbox.misbehave({ name: 'maintenance_503', provider: 'v6' })
  expect((await client.get('/accounts')).status).toBe(200)
  const v6 = await clientOf(sandbox, 'v6', 0)
  expect((await v6.get('/accounts')).status).toBe(503)
  await got(`${sandbox.url}/admin/behave`, { method: 'POST' })
  expect((await v6.get('/accounts')).status).toBe(200)
})
