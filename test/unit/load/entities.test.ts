import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listOf, loadedEntities } from '../../../src/load/loaded.ts'
import { entities } from '../../../src/page/page.ts'
import { addMerge } from '../../../src/state/merges.ts'
import { dataFolder, pageLine } from './warehouse-fixture.ts'

test('every entity that is landed is loaded, by two files of its own', () => {
  for (const entity of entities) expect(Object.keys(listOf)).toContain(entity)
  for (const entity of loadedEntities)
    for (const step of ['read', 'stage'])
      expect(
        existsSync(new URL(`../../../sql/load/${step}_${entity}.sql`, import.meta.url)),
        `${step} ${entity}`,
      ).toBe(true)
})

test('segments of an entity that nobody knows wait', async () => {
  using folder = dataFolder()
  folder.segment('fdx.unheard', [pageLine({ body: '{"accounts":[]}' })])
  expect(await folder.load()).toMatchObject({ segments: 0, pages: 0, rejects: 0 })
})

test('contact data: the account’s, and its holders; a newer page replaces both', async () => {
  using folder = dataFolder()
  const contact = (day: number, body: object) =>
    folder.segment('fdx.contact', [
      pageLine({
        entity: 'fdx.contact',
        account_id: 'a',
        fetched_at: `2026-03-0${day}T00:00:00.000Z`,
        body: JSON.stringify(body),
      }),
    ])
  contact(1, {
    holders: [
      { name: { first: 'Ana', last: 'Roy' }, relationship: 'PRIMARY' },
      { name: { company: 'Roy Inc' } },
    ],
    emails: ['a@example.com'],
  })
  await folder.load()
  contact(2, { holders: [{ name: { first: 'Ana' } }], emails: [] })
  contact(3, {})
  folder.segment('fdx.contact', [
    pageLine({ entity: 'fdx.contact', account_id: 'a', body: '["x"]' }),
  ])
  await folder.load()
  const holders = await folder.query(
    'select account_id, ordinal, name_first, name_last from fdx.account_holders',
  )
  expect(holders.rows).toEqual([['a', '1', 'Ana', null]])
  expect((await folder.query('select emails from fdx.account_contacts')).rows).toEqual([['[]']])
  expect((await folder.query('select reason from ops.rejects')).rows).toEqual([
    ['PAGE_WITHOUT_LIST'],
  ])
})

test('payment networks and statements are one row each, however often they are read', async () => {
  using folder = dataFolder()
  const networks = [
    { type: 'US_ACH', bankId: '021000021', identifier: '0042', transferIn: 'true' },
    { type: 'US_RTP', bankId: '021000021', identifier: '0042', transferIn: false },
  ]
  for (const day of [1, 2]) {
    const more = { account_id: 'a', fetched_at: `2026-03-0${day}T00:00:00.000Z` }
    folder.segment('fdx.payment_networks', [
      pageLine({
        entity: 'fdx.payment_networks',
        body: JSON.stringify({ paymentNetworks: networks }),
        ...more,
      }),
    ])
    folder.segment('fdx.statements', [
      pageLine({
        entity: 'fdx.statements',
        body: JSON.stringify({
          statements: [
            { accountId: 'a', statementId: 1, statementDate: '2026-02-28' },
            { statementId: '2', status: day === 1 ? 'PROCESSING' : 'AVAILABLE' },
            { description: 'without id' },
          ],
        }),
        ...more,
      }),
    ])
    await folder.load()
  }
  const read = await folder.query(
    'select type, bank_id, identifier, transfer_in, day(last_seen_at) from fdx.payment_networks order by 1',
  )
  expect(read.rows).toEqual([
    ['US_ACH', '021000021', '0042', 'true', '2'],
    ['US_RTP', '021000021', '0042', 'false', '2'],
  ])
  const statements = await folder.query(
    'select account_id, statement_id, status, day(first_seen_at) from fdx.statements order by 2',
  )
  expect(statements.rows).toEqual([
    ['a', '1', null, '1'],
    ['a', '2', 'AVAILABLE', '1'],
  ])
  expect((await folder.query('select reason, field from ops.rejects group by all')).rows).toEqual([
    ['ID_MISSING', 'statementId'],
  ])
})

test('of a Flinks statement the row has size and hash, not the bytes', async () => {
  using folder = dataFolder()
  const file = Buffer.from('%PDF-1.7 invented')
  folder.segment('flinks.statements', [
    pageLine({
      entity: 'flinks.statements',
      body: JSON.stringify({
        Login: { Id: 'l' },
        StatementsByAccount: [
          {
            AccountNumber: '0001',
            Statements: [
              { UniqueId: 'u', FileType: 'PDF', Base64Bytes: file.toString('base64') },
              { UniqueId: 'v', FileType: 'PDF', Base64Bytes: '***' },
            ],
          },
        ],
      }),
    }),
  ])
  expect((await folder.load()).rejects).toBe(0)
  const { rows } = await folder.query(
    'select statement_id, account_number, of_login_id, size, sha256, extra from flinks.statements order by 1',
  )
  const sha256 = createHash('sha256').update(file).digest('hex')
  expect(rows).toEqual([
    ['u', '0001', 'l', String(file.length), sha256, null],
    ['v', '0001', 'l', null, null, null],
  ])
})

test('a Flinks summary fills its own table and leaves the detail alone', async () => {
  using folder = dataFolder()
  const page = (entity: 'flinks.detail' | 'flinks.summary', account: object, day: number) =>
    folder.segment(entity, [
      pageLine({
        entity,
        fetched_at: `2026-03-0${day}T00:00:00.000Z`,
        body: JSON.stringify({ Login: { Id: 'l' }, Accounts: [{ Id: 'a', ...account }] }),
      }),
    ])
  page('flinks.detail', { Title: 'Chequing', Balance: { Current: 5 } }, 1)
  page('flinks.summary', { Title: 'Chequing', EftEligibleRatio: 0.75 }, 2)
  await folder.load()
  expect(
    (await folder.query('select title, balance_current::integer from flinks.accounts')).rows,
  ).toEqual([['Chequing', '5']])
  expect(
    (await folder.query('select eft_eligible_ratio::decimal(9,2) from flinks.account_summaries'))
      .rows,
  ).toEqual([['0.75']])
})

const account = (connection_id: string, more: object = {}) =>
  pageLine({
    connection_id,
    body: JSON.stringify({ accounts: [{ depositAccount: { accountId: connection_id } }] }),
    ...more,
  })

test('pages of a purged connection are as if they were not there', async () => {
  using folder = dataFolder()
  folder.state.db
    .prepare('insert into purges (connection_id, provider, asked_at, erased) values (?, ?, ?, ?)')
    .run('gone', 'maple', '2026-03-01T00:00:00.000Z', '{}')
  folder.segment('fdx.accounts', [
    account('gone'),
    account('gone', { marks: ['not_json'], body: '"<html>"' }),
    account('here'),
  ])
  folder.segment('fdx.accounts', [account('gone')])
  const report = await folder.load()
  expect(report).toMatchObject({ segments: 2, pages: 1, rejects: 0 })
  for (const table of ['fdx.accounts', 'ops.pages'])
    expect((await folder.query(`select connection_id from ${table}`)).rows).toEqual([['here']])
})

test('pages of a merged connection are those of the one it was merged into', async () => {
  using folder = dataFolder()
  addMerge(folder.state, 'old', 'new', '2026-03-01T00:00:00.000Z')
  folder.segment('fdx.accounts', [account('old'), account('new')])
  await folder.load()
  expect(
    (await folder.query('select connection_id, account_id from fdx.accounts order by 2')).rows,
  ).toEqual([
    ['new', 'new'],
    ['new', 'old'],
  ])
})

test('a load leaves nothing in the scratch folder', async () => {
  using folder = dataFolder()
  folder.segment('fdx.accounts', [account('a', { marks: ['bare_list'], body: '[]' })])
  await folder.load()
  expect(existsSync(folder.paths.scratch)).toBe(false)
})

test('a page tells how long its answer took and what failed before it; one of before does not', async () => {
  using folder = dataFolder()
  const body = '{"accounts":[]}'
  folder.segment('fdx.accounts', [
    pageLine({ page_id: 'new', body, ms: 412, retries: 2 }),
    pageLine({ page_id: 'marked', body: '[]', marks: ['bare_list'], ms: 7, retries: 0 }),
    pageLine({ page_id: 'old', body }),
  ])
  await folder.load()
  const { rows } = await folder.query('select page_id, ms, retries from ops.pages order by page_id')
  expect(rows).toEqual([
    ['marked', '7', '0'],
    ['new', '412', '2'],
    ['old', null, null],
  ])
})
