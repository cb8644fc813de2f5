import { expect, test, vi } from 'vitest'
import { lifeKinds } from '../../../src/sandbox/invented/lives.ts'
import { scoreLinks } from '../../support/links.ts'
import { dataFolder, type Fixture, type PageDraft, pageLine } from './warehouse-fixture.ts'

vi.setConfig({ testTimeout: 120_000 })

const day = (n: number) => `2026-03-${String(n).padStart(2, '0')}T10:00:00.000Z`

/** One page of a reading of the whole of February. */
const reading = (n: number, ids: readonly string[], more: Partial<PageDraft> = {}) =>
  pageLine({
    entity: 'fdx.transactions',
    account_id: 'a',
    page_id: `page-${n}-${more.sequence ?? 1}`,
    pull_id: `pull-${n}`,
    fetched_at: day(n),
    window_start: '2026-02-01',
    window_end: '2026-02-28',
    body: JSON.stringify({
      transactions: ids.map((id) => ({
        depositTransaction: {
          transactionId: id,
          amount: 100 + Number(/\d+/.exec(id)?.[0]),
          debitCreditMemo: 'DEBIT',
          description: `shop of ${id}`,
          ...(id.startsWith('P')
            ? { status: 'PENDING', transactionTimestamp: '2026-02-10T00:00:00Z' }
            : {
                status: 'POSTED',
                postedTimestamp: id === 'edge9' ? '2026-02-28' : '2026-02-11T00:00:00Z',
              }),
        },
      })),
    }),
    ...more,
  })

const gone = async (folder: Fixture) =>
  (
    await folder.query(
      'select transaction_id, day(vanished_at)::integer from fdx.deposit_transactions where vanished_at is not null order by 1',
    )
  ).rows
const links = async (folder: Fixture) =>
  (
    await folder.query(
      'select supersedes_transaction_id, transaction_id, rule from history.transaction_links order by 1',
    )
  ).rows

/** What comes of readings that are loaded in these steps. */
async function after(...steps: readonly (string | readonly string[])[]) {
  using folder = dataFolder()
  for (const step of steps) {
    folder.segment('fdx.transactions', typeof step === 'string' ? [step] : step)
    await folder.load()
  }
  return { gone: await gone(folder), links: await links(folder) }
}

const both = ['T1', 'T2', 'edge9']

test('a posted row is gone when a complete reading of its window no longer has it, since its start', async () => {
  const readings = [reading(1, both), reading(2, ['T1']), reading(3, ['T1'])] as const
  expect((await after(...readings)).gone).toEqual([['T2', '2']])
  expect((await after(readings)).gone).toEqual([['T2', '2']])
  expect((await after(readings[2], readings[1], readings[0])).gone).toEqual([['T2', '2']])
})

test('a reading that is empty or lacks a page says nothing, and a row that comes back is there', async () => {
  expect((await after([reading(1, both), reading(2, [])])).gone).toEqual([])
  const partly = [
    reading(2, ['T1'], { last: false }),
    reading(2, ['edge9'], { sequence: 3, last: true }),
  ]
  expect((await after([reading(1, both), ...partly])).gone).toEqual([])
  const missing = reading(2, ['edge9'], { sequence: 2, last: false })
  expect((await after([reading(1, both), ...partly], missing)).gone).toEqual([['T2', '2']])
  const back = await after([reading(1, both), reading(2, ['T1'])], reading(3, both))
  expect(back.gone).toEqual([])
})

test('a reading with a partial page, or with an item that could not be read, says nothing of what it lacks', async () => {
  const partial = reading(2, ['T1'], { status: 206 })
  expect((await after([reading(1, both), partial])).gone).toEqual([])
  const unread = reading(2, ['T1'], {
    body: '{"transactions":[{"depositTransaction":{"transactionId":"T1","amount":101}},7]}',
  })
  expect((await after([reading(1, both), unread])).gone).toEqual([])
})

test('Flinks: what lies between the oldest and the newest transaction of an answer and is not in it, is gone', async () => {
  const answer = (n: number, days: readonly number[]) =>
    pageLine({
      entity: 'flinks.detail',
      page_id: `page-${n}`,
      pull_id: `pull-${n}`,
      fetched_at: day(n),
      body: JSON.stringify({
        Login: { Id: 'l' },
        Accounts: [
          {
            Id: 'a',
            Transactions: days.map((at) => ({ Id: `t${at}`, Date: `2026-02-0${at}`, Debit: at })),
          },
        ],
      }),
    })
  using folder = dataFolder()
  folder.segment('flinks.detail', [answer(1, [1, 2, 3, 4]), answer(2, [2, 4]), answer(3, [])])
  await folder.load()
  const { rows } = await folder.query(
    'select transaction_id from flinks.transactions where vanished_at is not null',
  )
  expect(rows).toEqual([['t3']])
})

test('a pending row is linked to what took its place, is never deleted, and is in no mart', async () => {
  using folder = dataFolder()
  for (const step of [reading(1, ['P1', 'P2', 'T3']), reading(2, ['P2', 'T1', 'T3'])]) {
    folder.segment('fdx.transactions', [step])
    await folder.load()
  }
  expect(await gone(folder)).toEqual([['P1', '2']])
  expect(await links(folder)).toEqual([['P1', 'T1', 'settled']])
  const ids = async (table: string) =>
    (await folder.query(`select transaction_id from ${table} order by 1`)).rows.flat()
  expect(await ids('fdx.deposit_transactions')).toEqual(['P1', 'P2', 'T1', 'T3'])
  expect(await ids('mart.transactions')).toEqual(['P2', 'T1', 'T3'])
  expect((await folder.query('from ops.unsettled')).rows).toEqual([])
})

test('links of the sandbox’s labelled purchases: 98 of 100 are right, 95 of 100 are found', async () => {
  const score = await scoreLinks({ seed: 'unit', accounts: 12, days: 30 })
  expect(score.truth).toBeGreaterThan(500)
  expect(score.right / score.found).toBeGreaterThan(0.97)
  expect(score.right / score.truth).toBeGreaterThan(0.95)
  for (const kind of lifeKinds)
    if (kind !== 'cancelled')
      expect(score.byKind[kind].right / score.byKind[kind].truth, kind).toBeGreaterThan(0.9)
})
