import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCron } from '../../../src/config/cron.ts'
import { dueRuns } from '../../../src/state/due-runs.ts'
import { openState } from '../../../src/state/state.ts'
import { until } from '../../support/serve.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-two-'))
  openState(join(folder, 'state.db'))[Symbol.dispose]()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const from = '2026-11-01T03:00:00Z' // Toronto falls back in this night

/** A scheduler in a process of its own; see test/support/scheduler-child.ts. */
function scheduler(begun: number) {
  const child = spawn(
    process.execPath,
    [
      'test/support/scheduler-child.ts',
      join(folder, 'state.db'),
      join(folder, 'locks'),
      join(folder, 'out'),
      from,
    ],
    { stdio: 'inherit', env: { ...process.env, BEGUN: String(begun) } },
  )
  const ended = new Promise<void>((done) => child.on('exit', () => done()))
  return { child, ended }
}

const lines = () =>
  existsSync(join(folder, 'out'))
    ? readFileSync(join(folder, 'out'), 'utf8').trim().split('\n')
    : []

/** Every due time of the line between the first that was taken and the last. */
const wanted = (line: string, first: string, last: string) => {
  const cron = readCron(line, 'America/Toronto')
  const all: string[] = []
  for (let at = Date.parse(first) - 1; ; ) {
    const next = cron.next(at)
    if (next === undefined || next > Date.parse(last)) return all
    all.push(new Date(next).toISOString())
    at = next
  }
}

test('two schedulers on one state store, one killed again and again: every due time once', async () => {
  const begun = Date.now()
  const steady = scheduler(begun)
  for (let round = 0; round < 4; round++) {
    const { child, ended } = scheduler(begun)
    await until(() =>
      lines().some((line) => line.startsWith('start') && line.endsWith(` ${child.pid}`)),
    )
    await sleep(100 * round)
    child.kill('SIGKILL')
    await ended
  }
  await sleep(500)
  steady.child.kill('SIGTERM')
  await steady.ended

  const said = lines().map((line) => line.split(' '))
  expect(said.filter(([what]) => what === 'failed')).toEqual([])
  const pids = new Set(said.filter(([what]) => what === 'start').map((line) => line[2]))
  expect(pids.size).toBeGreaterThan(1) // the work was shared

  using state = openState(join(folder, 'state.db'))
  for (const [name, line] of [
    ['every', '*/10 * * * *'],
    ['hourly', '5 * * * *'],
  ] as const) {
    const dues = dueRuns(state, name, 10_000).toReversed()
    const taken = said.filter(
      ([what, one, , resumes]) => what === 'due' && one === name && resumes === 'false',
    )
    expect(new Set(taken.map(([, , at]) => at)).size).toBe(taken.length)
    expect(taken).toHaveLength(dues.length)
    // None is left out: what was not run itself is counted as made up for by the next.
    const covered = dues.slice(1).reduce((sum, { missed }) => sum + missed + 1, 1)
    const first = dues[0]?.due_at ?? ''
    expect(covered).toBe(wanted(line, first, dues.at(-1)?.due_at ?? '').length)
  }
  expect(dueRuns(state, 'nightly', 10)).toHaveLength(
    said.some(([what, one]) => what === 'due' && one === 'nightly') ? 1 : 0,
  )

  // No two runs of one pipeline at a time: a start without an end is a process that was killed.
  const open = new Map<string, string>()
  for (const [what, name = '', pid = ''] of said) {
    if (what === 'start') {
      const before = open.get(name)
      if (before !== undefined) expect(before).not.toBe(pid)
      open.set(name, pid)
    }
    if (what === 'end') {
      expect(open.get(name)).toBe(pid)
      open.delete(name)
    }
  }
})
