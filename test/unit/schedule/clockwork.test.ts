import { expect, test } from 'vitest'
import { minuteMs, openClockwork } from '../../support/schedule.ts'

/** Every `step` minutes from `from` to `to`, both included; UTC, without seconds. */
const every = (step: number, from: string, to: string): string[] => {
  const all: string[] = []
  for (let at = Date.parse(from); at <= Date.parse(to); at += step * minuteMs)
    all.push(new Date(at).toISOString().slice(0, 16))
  return all
}

const daily = '30 2 * * *'
const halfHourly = '*/30 * * * *'

test.each<[string, string, string, [string, string], string[]]>([
  [
    'Toronto, spring forward, daily: 02:30 does not exist, so 03:00 it is',
    daily,
    'America/Toronto',
    ['2026-03-07T05:00Z', '2026-03-10T05:00Z'],
    ['2026-03-07T07:30', '2026-03-08T07:00', '2026-03-09T06:30'],
  ],
  [
    'Toronto, fall back, daily: 01:30 passes twice and runs once',
    '30 1 * * *',
    'America/Toronto',
    ['2026-10-31T04:00Z', '2026-11-03T05:00Z'],
    ['2026-10-31T05:30', '2026-11-01T05:30', '2026-11-02T06:30'],
  ],
  [
    'London, spring forward, daily: 01:30 does not exist, so 02:00 it is',
    '30 1 * * *',
    'Europe/London',
    ['2026-03-28T00:00Z', '2026-03-30T23:00Z'],
    ['2026-03-28T01:30', '2026-03-29T01:00', '2026-03-30T00:30'],
  ],
  [
    'London, fall back, daily: 01:30 passes twice and runs once',
    '30 1 * * *',
    'Europe/London',
    ['2026-10-24T00:00Z', '2026-10-26T23:00Z'],
    ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  ...(['America/Toronto', 'Europe/London'] as const).flatMap((zone) =>
    (
      [
        ['2026-03-08', 'Toronto springs forward'],
        ['2026-03-29', 'London springs forward'],
        ['2026-10-25', 'London falls back'],
        ['2026-11-01', 'Toronto falls back'],
      ] as const
    ).map(([day, what]): [string, string, string, [string, string], string[]] => [
      `${zone}, half-hourly on the day when ${what}: every half hour, no more and no less`,
      halfHourly,
      zone,
      [`${day}T00:01Z`, `${day}T23:59Z`],
      every(30, `${day}T00:30Z`, `${day}T23:30Z`),
    ]),
  ),
])('%s', async (_name, cron, timeZone, [from, to], expected) => {
  using clockwork = openClockwork({ cron, timeZone }, from)
  await clockwork.until(to)
  expect(clockwork.started).toEqual(expected)
  expect(clockwork.dues().map(({ due_at }) => due_at)).toEqual(expected)
  expect(clockwork.failures).toEqual([])
})

test('three days asleep: once, late, and then as always', async () => {
  using clockwork = openClockwork({ cron: daily, timeZone: 'America/Toronto' }, '2026-06-01T00:00Z')
  await clockwork.until('2026-06-02T12:00Z')
  clockwork.set('2026-06-05T12:00Z')
  await clockwork.until('2026-06-06T12:00Z')
  expect(clockwork.started).toEqual([
    '2026-06-01T06:30',
    '2026-06-02T06:30',
    '2026-06-05T12:00',
    '2026-06-06T06:30',
  ])
  expect(clockwork.dues().map(({ due_at, missed }) => [due_at, missed])).toEqual([
    ['2026-06-01T06:30', 0],
    ['2026-06-02T06:30', 0],
    ['2026-06-05T06:30', 2],
    ['2026-06-06T06:30', 0],
  ])
})

test('the clock is put forward by two hours, and back again: no due time twice', async () => {
  using clockwork = openClockwork(
    { cron: halfHourly, timeZone: 'Europe/London' },
    '2026-06-01T00:10Z',
  )
  await clockwork.until('2026-06-01T01:10Z')
  clockwork.set('2026-06-01T03:10Z')
  await clockwork.until('2026-06-01T03:20Z')
  clockwork.set('2026-06-01T01:20Z')
  await clockwork.until('2026-06-01T04:10Z')
  const dues = clockwork.dues().map(({ due_at, missed }) => [due_at, missed])
  expect(dues).toEqual([
    ['2026-06-01T00:30', 0],
    ['2026-06-01T01:00', 0],
    ['2026-06-01T03:00', 3], // 01:30, 02:00 and 02:30 are made up for
    ['2026-06-01T03:30', 0],
    ['2026-06-01T04:00', 0],
  ])
  expect(clockwork.started).toHaveLength(dues.length)
})

test('the clock is put back by two hours: what ran does not run again', async () => {
  using clockwork = openClockwork({ cron: '15 3 * * *', timeZone: 'UTC' }, '2026-06-01T00:00Z')
  await clockwork.until('2026-06-01T04:00Z')
  clockwork.set('2026-06-01T02:00Z')
  await clockwork.until('2026-06-02T04:00Z')
  expect(clockwork.started).toEqual(['2026-06-01T03:15', '2026-06-02T03:15'])
})

test('a clock that was years ahead holds nothing up once it is right again', async () => {
  using clockwork = openClockwork({ cron: '15 3 * * *', timeZone: 'UTC' }, '2026-06-01T00:00Z')
  await clockwork.until('2026-06-01T00:05Z')
  clockwork.set('2031-01-01T00:00Z')
  await clockwork.until('2031-01-01T00:05Z')
  clockwork.set('2026-06-01T00:10Z')
  await clockwork.until('2026-06-01T04:00Z')
  expect(clockwork.started).toEqual(['2031-01-01T00:00', '2026-06-01T03:15'])
})

test('a run longer than its interval: no overlap, and what it missed once', async () => {
  using clockwork = openClockwork({ cron: halfHourly, timeZone: 'UTC' }, '2026-06-01T00:01Z')
  const { promise, resolve } = Promise.withResolvers<void>()
  clockwork.how.run = () => promise
  await clockwork.until('2026-06-01T02:10Z')
  expect(clockwork.started).toEqual(['2026-06-01T00:30'])
  clockwork.how.run = async () => {}
  resolve()
  await promise
  await clockwork.until('2026-06-01T02:40Z')
  expect(clockwork.dues().map(({ due_at, missed, status }) => [due_at, missed, status])).toEqual([
    ['2026-06-01T00:30', 0, 'done'],
    ['2026-06-01T02:00', 2, 'done'],
    ['2026-06-01T02:30', 0, 'done'],
  ])
})

test('a run that is stopped is taken up again at the same due time; a failure is not', async () => {
  using clockwork = openClockwork({ cron: '0 * * * *', timeZone: 'UTC' }, '2026-06-01T00:30Z')
  const { FdxError } = await import('../../../src/errors.ts')
  const codes = ['LOCK_TIMEOUT', 'STOPPED', 'DISK_FULL'] as const
  let at = 0
  clockwork.how.run = async () => {
    const code = codes[at++]
    if (code) throw new FdxError(code, 'no')
  }
  await clockwork.until('2026-06-01T02:10Z')
  expect(clockwork.started).toEqual([
    '2026-06-01T01:00',
    '2026-06-01T01:01',
    '2026-06-01T01:02',
    '2026-06-01T02:00',
  ])
  expect(
    clockwork.dues().map(({ due_at, attempts, status }) => [due_at, attempts, status]),
  ).toEqual([
    ['2026-06-01T01:00', 3, 'failed'],
    ['2026-06-01T02:00', 1, 'done'],
  ])
})

test('a delay is the same every day, and never more than a quarter of the interval', async () => {
  using night = openClockwork(
    { cron: daily, timeZone: 'UTC', jitterMinutes: 20 },
    '2026-06-01T00:00Z',
  )
  await night.until('2026-06-03T12:00Z')
  expect(night.started).toEqual(['2026-06-01T02:40', '2026-06-02T02:40', '2026-06-03T02:40'])
  using often = openClockwork(
    { cron: '*/8 * * * *', timeZone: 'UTC', jitterMinutes: 700 },
    '2026-06-01T00:01Z',
  )
  await often.until('2026-06-01T00:30Z')
  expect(often.started).toEqual(['2026-06-01T00:09', '2026-06-01T00:17', '2026-06-01T00:25'])
})
