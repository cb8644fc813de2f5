import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pipeline } from '../../src/config/pipeline.ts'
import { scheduled } from '../../src/schedule/pipelines.ts'
import { openScheduler } from '../../src/schedule/scheduler.ts'
import { dueRuns } from '../../src/state/due-runs.ts'
import { openState } from '../../src/state/state.ts'

export const minuteMs = 60_000

export interface Plan {
  readonly cron: string
  readonly timeZone: string
  readonly jitterMinutes?: number
}

export const pipelineOf = ({ cron, timeZone, jitterMinutes = 0 }: Plan, name = 'p'): Pipeline => ({
  name,
  provider: 'a-bank',
  resources: ['accounts'],
  flinks: ['detail'],
  statementFiles: false,
  schedule: cron,
  timeZone,
  jitterMinutes,
  lookbackDays: 30,
  keepOutcomesDays: 30,
  keepRunsDays: 400,
})

/** A scheduler whose clock is a number: time passes when a test says so, a tick a minute. */
export function openClockwork(plan: Plan, start: string) {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-schedule-'))
  const state = openState(':memory:')
  const started: string[] = []
  const stop = new AbortController()
  let now = Date.parse(start)
  /** How a run goes; replaced by tests that need another one. */
  const how = { run: async (_name: string) => {} }
  const scheduler = openScheduler({
    state,
    locks: folder,
    world: { now: () => now, random: () => 0.5 },
    pipelines: () => scheduled([pipelineOf(plan)]),
    run: (name) => {
      started.push(new Date(now).toISOString().slice(0, 16))
      return how.run(name)
    },
    atOnce: 4,
    signal: stop.signal,
    log: { started: () => {}, ended: () => {}, failed: (why) => failures.push(why) },
  })
  const failures: string[] = []
  return {
    state,
    started,
    failures,
    how,
    stop,
    tick: async () => {
      scheduler.tick()
      // Whatever can end ends: a run that a test holds open does not.
      await Promise.race([scheduler.settled(), new Promise((soon) => setTimeout(soon, 5))])
    },
    /** Ticks at every minute until `end`. */
    async until(end: string) {
      for (; now < Date.parse(end); now += minuteMs) await this.tick()
      now = Date.parse(end)
      await this.tick()
    },
    /** The clock is set: nothing ticks in between. */
    set: (to: string) => {
      now = Date.parse(to)
    },
    dues: () =>
      dueRuns(state, 'p', 1_000)
        .map((due) => ({ ...due, due_at: due.due_at.slice(0, 16) }))
        .toReversed(),
    [Symbol.dispose]: () => {
      state[Symbol.dispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
