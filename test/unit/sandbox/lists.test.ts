import { expect, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import type { SandboxClient } from '../../support/sandbox.ts'
import { clientOf } from '../../support/sandbox.ts'

interface ListBody {
  readonly page?: { readonly nextOffset?: string | null; readonly nextPageKey?: string }
  readonly [name: string]: unknown
}

async function walk(
  client: SandboxClient,
  path: string,
  list: string,
  cursor: string,
  limit: number,
) {
  const rows: Record<string, unknown>[] = []
  let next: string | null | undefined
  do {
    const url = `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${next ? `&${cursor}=${next}` : ''}`
    const body = (await client.get(url)).json<ListBody>()
    const page = body[list] as Record<string, unknown>[]
    expect(page.length).toBeLessThanOrEqual(limit)
    rows.push(...page)
    next = body.page?.nextPageKey ?? body.page?.nextOffset
  } while (next)
  return rows
}

const fieldsOf = (row: Record<string, unknown>) =>
  ('accountCategory' in row ? row : Object.values(row)[0]) as Record<string, unknown>

const cursors = { outbound: 'offset', rotating: 'offset', v6: 'pageKey' } as const

test.for(['outbound', 'rotating', 'v6'] as const)(
  '%s: a walk gives every row once',
  async (provider) => {
    await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
    const client = await clientOf(sandbox, provider, 0)
    const { accounts } = sandbox.truth(provider, 0)
    for (const limit of [1, 2, 100]) {
      const rows = await walk(client, '/accounts', 'accounts', cursors[provider], limit)
      expect(rows.map((row) => fieldsOf(row)['accountId'])).toEqual(
        accounts.map((one) => one.accountId),
      )
    }
    const [account] = accounts
    const path = `/accounts/${account?.accountId}/transactions`
    const rows = await walk(client, path, 'transactions', cursors[provider], 97)
    const ids = rows.map((row) => fieldsOf(row)['transactionId'])
    expect(ids.toReversed()).toEqual(account?.transactions.map((row) => row.transactionId))
    expect(new Set(ids).size).toBe(ids.length)
  },
)

test.for(['outbound', 'v6'] as const)('%s: windows include both ends', async (provider) => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const client = await clientOf(sandbox, provider, 0)
  const [account] = sandbox.truth(provider, 0).accounts
  const days = (account?.transactions ?? []).flatMap((row) =>
    row.status === 'POSTED' ? [String(row.fields['postedTimestamp']).slice(0, 10)] : [],
  )
  const day = days[100] ?? ''
  const names =
    provider === 'v6' ? (['startDate', 'endDate'] as const) : (['startTime', 'endTime'] as const)
  const path = `/accounts/${account?.accountId}/transactions?${names[0]}=${day}&${names[1]}=${day}`
  const rows = await walk(client, path, 'transactions', cursors[provider], 100)
  expect(rows.length).toBe(days.filter((one) => one === day).length)
  expect(rows.length).toBeGreaterThan(0)
})

test('dates are both or neither, in order, and dates', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'outbound', 0)
  const cases = [
    ['startTime=2026-01-01', 703],
    ['startTime=2026-02-01&endTime=2026-01-01', 703],
    ['startTime=yesterday&endTime=today', 702],
    ['startTime=2026-99-99&endTime=2026-01-01', 702],
  ] as const
  for (const [query, code] of cases) {
    const answer = await client.get(`/accounts/11/transactions?${query}`)
    expect([answer.status, answer.json()['code']]).toEqual([400, code])
  }
})

test('links are absolute at /outbound and keep the filters; a made-up cursor and limit are refused', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'outbound', 0)
  const first = (await client.get('/accounts?resultType=details&limit=2')).json<{
    links: { next: { href: string } }
  }>()
  expect(first.links.next.href.startsWith(`${sandbox.url}/outbound/api/fdx/5/accounts?`)).toBe(true)
  const second = (await client.get(first.links.next.href)).json<{ accounts: object[] }>()
  expect(second.accounts).toHaveLength(2)
  expect((await client.get('/accounts?offset=2')).status).toBe(400)
  expect((await client.get('/accounts?limit=none')).status).toBe(400)
})

test('accountIds picks accounts; lightweight has the descriptor only', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'outbound', 0)
  const body = (await client.get('/accounts?accountIds=12,15')).json<{
    accounts: Record<string, Record<string, unknown>>[]
  }>()
  expect(body.accounts.map((one) => Object.values(one)[0]?.['accountId'])).toEqual(['12', '15'])
  expect(body.accounts[0]?.['depositAccount']).not.toHaveProperty('currentBalance')
  expect((await client.get('/accounts/999')).json()['code']).toBe(701)
})

test('/v6 wants x-fapi-interaction-id, and every provider echoes it', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'v6', 0)
  expect((await client.get('/accounts', { 'x-fapi-interaction-id': '' })).status).toBe(400)
  const answer = await client.get('/accounts/none', { 'x-fapi-interaction-id': 'my-id' })
  expect([answer.status, answer.headers.get('x-fapi-interaction-id')]).toEqual([404, 'my-id'])
})

test('statements: a PDF, a redirect to another origin for every third account, 406, 1104', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const client = await clientOf(sandbox, 'outbound', 0)
  const list = (await client.get('/accounts/11/statements')).json<{
    statements: { statementId: string }[]
  }>()
  const id = list.statements[0]?.statementId
  expect(id).toBe('st-2026-05')
  const pdf = await client.get(`/accounts/11/statements/${id}`)
  expect(pdf.headers.get('content-type')).toBe('application/pdf')
  expect(pdf.text.startsWith('%PDF-')).toBe(true)
  const elsewhere = await client.get(`/accounts/13/statements/${id}`)
  expect(elsewhere.status).toBe(302)
  expect(new URL(elsewhere.headers.get('location') ?? '').hostname).toBe('localhost')
  expect((await client.get(`/accounts/11/statements/${id}`, { accept: 'image/png' })).status).toBe(
    406,
  )
  expect((await client.get('/accounts/11/statements/none')).json()['code']).toBe(1104)
})
