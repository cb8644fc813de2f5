import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { fetch } from 'undici'
import { expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { saveUser } from '../../../src/serve/sql-endpoint/auth/users.ts'
import { newPlace } from '../../support/fdx.ts'
import { openFlow } from '../../support/flow.ts'
import { startServe, until } from '../../support/serve.ts'

/** The process of the SQL endpoint. */
function sqlChild(pid = 0): number {
  const [child = 0] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
  expect(readFileSync(`/proc/${child}/cmdline`, 'utf8')).toContain('sql-child')
  return child
}

interface Ready {
  readonly status: string
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly why: string }>>
}

test('the SQL endpoint is killed: /readyz says so, /healthz stays, and it comes back on its port', async () => {
  await using sandbox: Sandbox = await startSandbox({ port: 0, connections: 1, accounts: 1 })
  using flow = await openFlow(sandbox)
  await flow.connect('v6', 0)
  await flow.run('v6')
  await saveUser(flow.paths, { name: 'reader', role: 'analyst', password: 'only-for-this-test' })
  await using serving = await startServe(flow.env, ['--sql-port', '0', '--without', 'schedule'])
  const ask = async (path: string) => {
    const answer = await fetch(serving.url + path)
    return { status: answer.status, text: await answer.text() }
  }
  const ready = async () => JSON.parse((await ask('/readyz')).text) as Ready
  const count = async () => {
    const client = new pg.Client({
      ...{ host: serving.sql?.host, port: serving.sql?.port, database: 'warehouse' },
      ...{ user: 'reader', password: 'only-for-this-test' },
    })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query('select count(*) as n from mart.accounts')
    await client.end()
    return Number(rows[0].n)
  }

  const before = await ready()
  expect(before.status).toBe('ok')
  expect(Object.keys(before.checks)).toEqual(expect.arrayContaining(['state', 'disk', 'sql']))
  const accounts = await count()
  expect(accounts).toBeGreaterThan(0)

  process.kill(sqlChild(serving.child.pid), 'SIGKILL')
  await until(async () => (await ask('/readyz')).status === 503)
  expect((await ready()).checks['sql']).toMatchObject({
    ok: false,
    why: expect.stringMatching(/./),
  })
  expect(await ask('/healthz')).toMatchObject({ status: 200 })
  await until(async () => (await ready()).status === 'ok')
  expect(await count()).toBe(accounts)
  const { text } = await ask('/metrics')
  expect(text).toMatch(/^fdx_sql_restarts_total 1$/m)
  expect(text).toMatch(/^fdx_part_up\{part="sql"\} 1$/m)
  expect(serving.lines().map(({ msg }) => msg)).toContain('SQL endpoint died; it is started again')
  expect(await serving.stop()).toMatchObject({ exit: 0 })
})

/** As the console's SQL page asks: signed in, with the session's token. */
async function signedIn(url: string, token: string) {
  const { headers } = await fetch(`${url}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: url, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }),
  })
  const [cookie = ''] = (headers.get('set-cookie') ?? '').split(';')
  const page = await (await fetch(`${url}/sql`, { headers: { cookie } })).text()
  const [, csrf = ''] = /name="csrf" content="([^"]+)"/.exec(page) ?? []
  return async (sql: string) => {
    const answer = await fetch(`${url}/sql`, {
      method: 'POST',
      headers: { cookie, origin: url, 'x-csrf-token': csrf, 'content-type': 'application/json' },
      body: JSON.stringify({ sql }),
    })
    return { status: answer.status, text: await answer.text() }
  }
}

test('the SQL endpoint is killed in the midst of a query of the console: the query fails, fdx serve does not', async () => {
  await using sandbox: Sandbox = await startSandbox({ port: 0, connections: 1, accounts: 1 })
  using flow = await openFlow(sandbox)
  await flow.connect('v6', 0)
  await flow.run('v6')
  const token = 'a-token-that-only-this-test-knows'
  await using serving = await startServe({ ...flow.env, FDX_CONSOLE_TOKEN: token }, [
    ...['--sql-port', '0', '--without', 'schedule'],
  ])
  const ask = await signedIn(serving.url, token)
  // A session that is there already: the next query is on it at once.
  expect((await ask('select 1')).status).toBe(200)
  const long = ask('select count(*) from range(1000000) as a, range(10000000) as b')
  await sleep(1_000)
  process.kill(sqlChild(serving.child.pid), 'SIGKILL')
  expect(await long).toMatchObject({
    status: 400,
    text: expect.stringContaining('does not answer'),
  })
  await until(async () => (await ask('select 42 as answer')).text.includes('42'))
  expect(await serving.stop()).toMatchObject({ exit: 0 })
})

test('a pipeline file that becomes wrong while it serves: told by file and field, and no other pipeline stops', async () => {
  using place = newPlace()
  await using sandbox: Sandbox = await startSandbox({ port: 0, connections: 1, accounts: 1 })
  using flow = await openFlow(sandbox)
  await flow.connect('v6', 0)
  await flow.connect('outbound', 0)
  const folder = join(place.folder, 'pipelines')
  cpSync('pipelines', folder, { recursive: true })
  await using serving = await startServe({ ...flow.env, FDX_PIPELINES_DIR: folder }, [
    '--only',
    'schedule,metrics',
  ])
  const ready = async () => {
    const answer = await fetch(`${serving.url}/readyz`)
    return { http: answer.status, ...((await answer.json()) as Ready) }
  }
  const next = async () =>
    [...(await (await fetch(`${serving.url}/metrics`)).text()).matchAll(nextStart)].map(
      ([, pipeline]) => pipeline,
    )
  expect(await ready()).toMatchObject({ http: 200, status: 'ok' })
  expect((await next()).toSorted()).toEqual(['sandbox-outbound-nightly', 'sandbox-v6-nightly'])

  const file = join(folder, 'sandbox-v6-nightly.yaml')
  const good = readFileSync(file, 'utf8')
  writeFileSync(file, good.replace(/^schedule: .*$/m, "schedule: '99 * * * *'"))
  await until(async () => (await ready()).status === 'degraded', 30)
  expect(await ready()).toMatchObject({
    http: 200,
    checks: { schedule: { ok: false, why: expect.stringMatching(badLine) } },
  })
  expect(serving.log()).toMatch(badLine)
  const status = await place.fdx(['status'], { ...flow.env, FDX_PIPELINES_DIR: folder })
  expect([status.exit, status.stdout]).toEqual([0, expect.stringMatching(badLine)])
  expect(await next()).toEqual(['sandbox-outbound-nightly'])

  writeFileSync(file, good)
  await until(async () => (await ready()).status === 'ok', 30)
  expect((await next()).length).toBe(2)
})

const nextStart = /^fdx_pipeline_next_start_timestamp_seconds\{pipeline="([^"]+)"\}/gm
const badLine = /sandbox-v6-nightly.yaml: schedule: not a cron line: Invalid value for minute: 99/
