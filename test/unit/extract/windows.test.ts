import { expect, test } from 'vitest'
import { before, lengthOf, newest, planWindow } from '../../../src/extract/fdx/windows.ts'
import { getCheckpoint } from '../../../src/state/checkpoints.ts'
import { runIssues } from '../../../src/state/runs.ts'
import { realWorld, type World } from '../../../src/world.ts'
import {
  dataFolder,
  extractOnce,
  fdxProvider,
  pipeline,
  sendJson,
  serve,
} from '../../support/extract.ts'

test('windows hold both their ends, over the turn of a leap year', () => {
  const plan = { today: '2024-03-01', historyDays: 2, lookbackDays: 30 }
  const first = planWindow({ ...plan, goodUntil: null })
  expect(first).toEqual({ start: '2024-02-28', end: '2024-03-01' })
  expect(lengthOf(first)).toBe(3)
  expect(planWindow({ ...plan, goodUntil: '2024-03-01' }).start).toBe('2024-01-31')
  expect(planWindow({ ...plan, lookbackDays: 0, goodUntil: '2024-03-09' })).toEqual({
    start: '2024-03-01',
    end: '2024-03-01',
  })
  expect(newest(first, 2)).toEqual({ start: '2024-02-29', end: '2024-03-01' })
  expect(newest(first, 9)).toEqual(first)
  expect(before(first, newest(first, 2))).toEqual({ start: '2024-02-28', end: '2024-02-28' })
  expect(before(first, first)).toBeUndefined()
})

const today: World = { ...realWorld, now: () => Date.UTC(2026, 0, 15) }
const days = 86_400_000

/** A bank that refuses a range (703) longer than `longest` days, or that begins more than `kept` days ago. */
function strictBank(longest: number, kept: number) {
  const read: string[] = []
  const server = serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://bank')
    if (url.pathname === '/accounts')
      return sendJson(response, { accounts: [{ accountId: 'a' }, { accountId: 'b' }] })
    const start = url.searchParams.get('startTime') ?? ''
    const end = url.searchParams.get('endTime') ?? ''
    const length = (Date.parse(end) - Date.parse(start)) / days + 1
    if (length > longest || (today.now() - Date.parse(start)) / days > kept)
      return sendJson(response, { code: '703' }, 400)
    if (url.pathname.includes('/a/')) read.push(`${start} ${end}`)
    sendJson(response, { transactions: [] })
  })
  return { server, read }
}

const run = (data: Parameters<typeof extractOnce>[0], url: string) =>
  extractOnce(data, {
    provider: fdxProvider(url),
    world: today,
    pipeline: pipeline({ resources: ['transactions'], historyDays: 400 }),
  })

test('a range that is too long is read in shorter windows that touch, newest first', async () => {
  const { server, read } = strictBank(90, 10_000)
  await using bank = await server
  using data = dataFolder()
  expect(await run(data, bank.url)).toMatchObject({ status: 'ok' })
  const sorted = read.toSorted().toReversed()
  expect(read).toEqual(sorted)
  expect(read[0]?.slice(11)).toBe('2026-01-15')
  expect(read.at(-1)?.slice(0, 10)).toBe('2024-12-11')
  for (const [i, window] of read.slice(1).entries())
    expect(Date.parse(read[i]?.slice(0, 10) ?? '') - Date.parse(window.slice(11))).toBe(days)
  expect(getCheckpoint(data.state, 'c1', 'transactions/a')).toMatchObject({
    complete: 1,
    good_until: '2026-01-15',
  })
  // The second account begins with the length that the first one has found out.
  const refused = bank.asked.filter((asked) => asked.includes('/b/')).length - read.length
  expect(refused).toBe(0)
})

test('history that is not kept any more is said, and what is kept is read', async () => {
  const { server, read } = strictBank(10_000, 100)
  await using bank = await server
  using data = dataFolder()
  const report = await run(data, bank.url)
  expect(report).toMatchObject({ status: 'ok' })
  expect(Date.parse(read.at(-1)?.slice(0, 10) ?? '')).toBeLessThan(today.now() - 93 * days)
  expect(runIssues(data.state, report.runId).map(({ stream, code }) => [stream, code])).toEqual([
    ['transactions/a', 'HISTORY_SHORT'],
    ['transactions/b', 'HISTORY_SHORT'],
  ])
  expect(bank.asked.length).toBeLessThan(40)
})

test('a bank that refuses every range ends in RANGE_REFUSED', async () => {
  const { server } = strictBank(0, 0)
  await using bank = await server
  using data = dataFolder()
  expect(await run(data, bank.url)).toMatchObject({ status: 'partial', code: 'RANGE_REFUSED' })
  expect(getCheckpoint(data.state, 'c1', 'transactions/a')).toMatchObject({
    complete: 0,
    good_until: null,
  })
})
