import { request } from 'undici'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectFlinks } from '../../../src/connect/connect-flinks.ts'
import { endConnection } from '../../../src/connect/end.ts'
import { listenForRedirect } from '../../../src/connect/redirect.ts'
import { relaunchFlinks } from '../../../src/connect/relaunch-flinks.ts'
import { takeOver } from '../../../src/connect/take-over.ts'
import { merge } from '../../../src/merge.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { getConnection, listConnections } from '../../../src/state/connections.ts'
import { consentsOf } from '../../../src/state/consents.ts'
import { realWorld } from '../../../src/world.ts'
import { type Flow, openFlow, type SandboxProvider } from '../../support/flow.ts'

let sandbox: Sandbox
let flow: Flow
beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, today: '2026-11-01', transactions: 10 })
  flow = await openFlow(sandbox)
})
afterEach(async () => {
  flow[Symbol.dispose]()
  await sandbox[Symbol.asyncDispose]()
})

const stores = () => ({ vault: flow.vault, state: flow.state, world: realWorld })
const flinks = () => {
  const { provider } = flow.job('flinks')
  if (provider.protocol !== 'flinks') throw new Error('not Flinks')
  return provider
}
const fdx = (name: SandboxProvider) => {
  const { provider } = flow.job(name)
  if (provider.protocol !== 'fdx') throw new Error('not FDX')
  return provider
}

/** A person at Flinks Connect: fills in the form and follows the redirect. */
const answering = (fields: Readonly<Record<string, string>>) => async (link: URL) => {
  for (const [name, value] of Object.entries(fields)) link.searchParams.set(name, value)
  const page = await request(link)
  await page.body.dump()
  await request(String(page.headers['location'])).then(({ body }) => body.dump())
}

test('a person connects through Flinks Connect; the LoginId is sealed and the login extracts', async () => {
  const provider = flinks()
  await using receiver = await listenForRedirect(provider.redirectUri)
  const connection = await connectFlinks({
    ...stores(),
    provider,
    receiver,
    open: answering({ login: '0' }),
    label: '',
    timeoutMs: 5_000,
  })
  expect(await flow.vault.read(connection.id)).toMatchObject({ kind: 'login' })
  expect((await flow.run('flinks')).extracted[0]?.ended).toEqual({ ok: 1 })
})

test('a question of the bank is answered through the relaunch link, and the login extracts', async () => {
  const { id } = await flow.connect('flinks', 2)
  await flow.run('flinks')
  const asked = getConnection(flow.state, id)
  expect(asked?.state).toBe('needs_mfa')
  if (asked === undefined) return
  const provider = flinks()
  {
    await using receiver = await listenForRedirect(provider.redirectUri)
    const open = answering({ answer: 'Montreal' })
    const again = await relaunchFlinks(
      { ...stores(), provider, receiver, open, label: '', timeoutMs: 5_000 },
      asked,
    )
    expect(again).toMatchObject({ id, state: 'active' })
  }
  expect((await flow.run('flinks')).extracted[0]?.ended).toEqual({ ok: 1 })
})

test('a grant of another program is taken over, and its refresh token rotated away', async () => {
  const { refreshToken } = sandbox.grant('rotating', 1)
  const options = {
    ...stores(),
    provider: fdx('rotating'),
    locks: flow.paths.locks,
    label: 'old script',
  }
  const connection = await takeOver({ ...options, refreshToken })
  const secret = await flow.vault.read(connection.id)
  expect(secret.kind === 'grant' && secret.refreshToken).not.toBe(refreshToken)
  expect((await flow.run('rotating')).extracted[0]?.ended).toEqual({ ok: 1 })
})

test('a refresh token that does not work is told so, and the connection flagged', async () => {
  const options = { ...stores(), provider: fdx('rotating'), locks: flow.paths.locks, label: '' }
  await expect(takeOver({ ...options, refreshToken: 'no such token' })).rejects.toMatchObject({
    code: 'REAUTH',
  })
  expect(listConnections(flow.state)).toMatchObject([{ state: 'reauth' }])
  await expect(takeOver({ ...options, refreshToken: '' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
  })
})

test.each(['outbound', 'rotating', 'flinks'] as const)(
  'ending a connection at %s ends it there too',
  async (name) => {
    const connection = await flow.connect(name, 0)
    const provider = flow.job(name).provider
    const revocation = await endConnection(
      { ...stores(), provider, locks: flow.paths.locks },
      connection,
    )
    expect(revocation).toEqual({ confirmed: true, reason: '' })
    expect(getConnection(flow.state, connection.id)).toMatchObject({ state: 'revoked' })
    expect(consentsOf(flow.state, connection.id)).toMatchObject([{ ended_by: 'revoked' }])
    await expect(flow.vault.read(connection.id)).rejects.toMatchObject({ code: 'VAULT_RECORD' })
    // Asked once more it says the same, and asks nobody.
    const ended = getConnection(flow.state, connection.id) ?? connection
    const nowhere = { ...provider, baseUrl: 'http://127.0.0.1:1/' }
    const options = { ...stores(), provider: nowhere, locks: flow.paths.locks }
    expect(await endConnection(options, ended)).toEqual(revocation)
  },
)

test('a provider that cannot be asked is asked again later: the secret stays until it has answered', async () => {
  const connection = await flow.connect('outbound', 0)
  const provider = fdx('outbound')
  const gone = {
    ...provider,
    oauth: {
      ...provider.oauth,
      revocationEndpoint: 'http://127.0.0.1:1/revoke',
      tokenEndpoint: 'http://127.0.0.1:1/token',
    },
  }
  const end = { ...stores(), locks: flow.paths.locks }
  expect(await endConnection({ ...end, provider: gone }, connection)).toMatchObject({
    confirmed: false,
  })
  expect(getConnection(flow.state, connection.id)).toMatchObject({ state: 'revoked' })
  expect(await endConnection({ ...end, provider }, connection)).toMatchObject({ confirmed: true })
})

test('two connections of one person become one, with the rows of both and none twice', async () => {
  const first = await flow.connect('outbound', 0)
  await flow.run('outbound')
  const one = await countRows()
  const second = await takeOver({
    ...stores(),
    provider: fdx('outbound'),
    locks: flow.paths.locks,
    label: '',
    refreshToken: sandbox.grant('outbound', 0).refreshToken,
  })
  await flow.run('outbound')
  expect(await countRows()).toBe(2 * one)
  const before = await rowsByTable(second.id)
  await merge(second, first, {
    ...flow,
    world: realWorld,
    signal: new AbortController().signal,
    onWait: () => {},
  })
  expect(await countRows()).toBe(one)
  const [left, joined] = [await rowsByTable(second.id), await rowsByTable(first.id)]
  // What happened to the connection stays told; what it read is the other's.
  expect(Object.keys(left).filter((table) => !/^(ops|mart)\./.test(table))).toEqual([])
  const moved = Object.keys(before).filter((table) => !/^(ops|mart)\./.test(table))
  expect(moved).toEqual(expect.arrayContaining(['history.account_versions', 'history.balances']))
  expect(moved.filter((table) => (joined[table] ?? 0) === 0)).toEqual([])
  expect(getConnection(flow.state, second.id)).toMatchObject({
    state: 'revoked',
    reason: `merged into ${first.id}`,
  })
  await flow.run('outbound')
  expect(await countRows()).toBe(one)
})

/** How many rows each table has of the connection; tables without any are left out. */
async function rowsByTable(connection: string): Promise<Record<string, number>> {
  using generation = await openCurrent(flow.paths)
  const { rows: tables } = await generation.query(
    `select distinct schema_name || '.' || table_name from duckdb_columns()
     join (select schema_name, table_name from duckdb_tables()) using (schema_name, table_name)
     where column_name = 'connection_id' order by 1`,
  )
  const counts: Record<string, number> = {}
  for (const [table] of tables) {
    const { rows } = await generation.query(
      `select count(*) from ${table} where connection_id = '${connection}'`,
    )
    if (Number(rows[0]?.[0]) > 0) counts[String(table)] = Number(rows[0]?.[0])
  }
  return counts
}

async function countRows(): Promise<number> {
  using generation = await openCurrent(flow.paths)
  const { rows } = await generation.query(
    'select (select count(*) from mart.transactions) + (select count(*) from mart.accounts)',
  )
  return Number(rows[0]?.[0])
}
