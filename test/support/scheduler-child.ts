/**
 * A scheduler in a process of its own, whose minutes last 20 ms: `node scheduler-child.ts STATE LOCKS OUT FROM`.
 * It goes on until SIGTERM.
 * Every run writes a line to OUT at its start and at its end.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { scheduled } from '../../src/schedule/pipelines.ts'
import { openScheduler } from '../../src/schedule/scheduler.ts'
import { openState } from '../../src/state/state.ts'
import { pipelineOf } from './schedule.ts'

const [stateFile = '', locks = '', out = '', from = ''] = process.argv.slice(2)
const minuteInMs = 20
// Both children count from the same instant, which their parent gives them.
const now = () =>
  Date.parse(from) + ((Date.now() - Number(process.env['BEGUN'])) / minuteInMs) * 60_000

using state = openState(stateFile)
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const pipelines = scheduled(
  ['every', 'hourly', 'nightly'].map((name) =>
    pipelineOf(
      {
        cron: { every: '*/10 * * * *', hourly: '5 * * * *', nightly: '30 2 * * *' }[name] ?? '',
        timeZone: 'America/Toronto',
      },
      name,
    ),
  ),
)
const scheduler = openScheduler({
  state,
  locks,
  world: { now, random: () => 0 },
  pipelines: () => pipelines,
  run: async (name) => {
    appendFileSync(out, `start ${name} ${process.pid}\n`)
    // Longer than the interval of `every`, now and then.
    await sleep(Math.random() < 0.1 ? 350 : 30)
    appendFileSync(out, `end ${name} ${process.pid}\n`)
  },
  atOnce: 4,
  signal: stop.signal,
  log: {
    started: (name, due) => appendFileSync(out, `due ${name} ${due.dueAt} ${due.resumes}\n`),
    ended: () => {},
    failed: (why) => appendFileSync(out, `failed ${why}\n`),
  },
})
while (!stop.signal.aborted) {
  scheduler.tick()
  await sleep(minuteInMs)
}
await scheduler.settled()
