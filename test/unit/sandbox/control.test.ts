import { expect, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { clientOf, got, postToken } from '../../support/sandbox.ts'

const post = (url: string, body: unknown) =>
  got(url, { method: 'POST', body: JSON.stringify(body) })

test('what the process can ask can be asked over /admin, with the same answer', async () => {
  await using sandbox = await startSandbox({ port: 0, connections: 3, today: '2026-06-20' })
  const admin = async (path: string) =>
    (await got(`${sandbox.url}/admin/${path}`, {})).json<unknown>()
  const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
  expect(await admin('people?provider=v6')).toEqual(asJson(sandbox.people('v6')))
  expect(await admin('logins?offset=1&limit=1')).toEqual(asJson(sandbox.logins(1, 1)))
  expect(await admin('truth?provider=v6&person=2')).toEqual(asJson(sandbox.truth('v6', 2)))
  const client = await clientOf(sandbox, 'v6', 2)
  await client.get('/accounts')
  await client.get('/accounts')
  expect(await admin('requests')).toEqual({ v6: { token: 1, accounts: 2 } })
})

test('impossible questions are refused in words', async () => {
  await using sandbox = await startSandbox({ port: 0, connections: 3 })
  for (const path of ['truth?provider=v6&person=3', 'truth?provider=v6', 'people?provider=bank'])
    expect((await got(`${sandbox.url}/admin/${path}`, {})).status).toBe(400)
  expect((await post(`${sandbox.url}/admin/misbehave`, [])).status).toBe(400)
  expect((await post(`${sandbox.url}/admin/today`, { today: 'soon' })).status).toBe(400)
  expect((await got(`${sandbox.url}/admin/nothing`, {})).status).toBe(404)
})

test('a grant without a browser, a later day and a later clock', async () => {
  await using sandbox = await startSandbox({ port: 0, today: '2026-06-20' })
  const given = await post(`${sandbox.url}/admin/grants`, { provider: 'outbound', person: 1 })
  const { refreshToken } = given.json<{ refreshToken: string }>()
  const refresh = () =>
    postToken(sandbox, 'outbound', { grant_type: 'refresh_token', refresh_token: refreshToken })
  expect((await refresh()).status).toBe(200)
  await post(`${sandbox.url}/admin/today`, { today: '2026-06-25' })
  expect(sandbox.truth('outbound', 1).accounts[0]?.fields['balanceAsOf']).toContain('2026-06-25')
  await post(`${sandbox.url}/admin/clock`, { seconds: 31 * 86_400 })
  expect((await refresh()).status).toBe(400)
  const withdrawn = await post(`${sandbox.url}/admin/withdraw`, { provider: 'outbound', person: 1 })
  expect(withdrawn.json()).toEqual({ withdrawn: 0 })
})

test('what is lured to another origin is seen there, with the secrets it brought', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const client = await clientOf(sandbox, 'outbound', 0)
  sandbox.misbehave({ name: 'redirect_302' })
  const target = (await client.get('/accounts')).headers.get('location') ?? ''
  expect(sandbox.elsewhere()).toEqual([])
  await client.get(target)
  await got(target, {})
  expect(sandbox.elsewhere().map((one) => one.secrets)).toEqual([['authorization'], []])
})

test('the front page says what is here', async () => {
  await using sandbox = await startSandbox({ port: 0 })
  const page = await got(`${sandbox.url}/`, {})
  for (const word of ['/outbound', '/rotating', '/v6', '/flinks', 'sandbox-client', 'drip'])
    expect(page.text).toContain(word)
})

test('disposing closes the port', async () => {
  const sandbox = await startSandbox({ port: 0 })
  await got(`${sandbox.url}/`, {})
  await sandbox[Symbol.asyncDispose]()
  await expect(got(`${sandbox.url}/`, {})).rejects.toThrow()
})
