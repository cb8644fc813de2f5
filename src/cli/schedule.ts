import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { listPipelines } from '../config/read.ts'
import { dataPaths } from '../config/settings.ts'
import { nextStart } from '../schedule/due.ts'
import { recall, scheduled } from '../schedule/pipelines.ts'
import { lastTaken } from '../state/due-runs.ts'
import { openState } from '../state/state.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, print } from './terminal.ts'
import { readPipelines, settingsOf } from './tools.ts'

export function addSchedule(program: Command, cli: Cli): void {
  program
    .command('schedule')
    .description(
      'when each pipeline runs next, and how its last due time ended; fdx serve runs them',
    )
    .option('--list', 'what it does without any option too')
    .option('--json', 'as one JSON object')
    .action((flags) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(settings.dataDir)
      const pipelines = readPipelines(settings, listPipelines(settings.pipelinesDir))
      // Before anything has run there is nothing to remember, and listing must leave nothing behind.
      using state = openState(existsSync(paths.stateFile) ? paths.stateFile : ':memory:')
      const now = realWorld.now()
      const rows = scheduled(pipelines).map((pipeline) => {
        const next = nextStart(pipeline.schedule, recall(state, pipeline, now), now)
        const last = lastTaken(state, pipeline.name, now)
        return {
          pipeline: pipeline.name,
          schedule: pipeline.cron,
          timeZone: pipeline.timeZone,
          nextDueAt: iso(next?.dueAt),
          nextStartsAt: iso(next?.startsAt),
          last:
            last === undefined
              ? null
              : { dueAt: last.due_at, status: last.status, message: last.message },
        }
      })
      const unscheduled = pipelines.filter(({ schedule }) => schedule === undefined)
      if (flags.json) {
        const names = unscheduled.map(({ name }) => name)
        return print(JSON.stringify({ schedules: rows, unscheduled: names }))
      }
      const columns = ['pipeline', 'schedule', 'time zone', 'next start', 'in', 'last due', 'ended']
      print(
        asTable({
          columns: columns.map((name) => ({ name, type: 'VARCHAR' })),
          rows: rows.map(({ pipeline, schedule, timeZone, nextStartsAt, last }) => [
            pipeline,
            schedule,
            timeZone,
            nextStartsAt === null ? 'never' : localTime(nextStartsAt, timeZone),
            nextStartsAt === null ? '' : duration(Date.parse(nextStartsAt) - now),
            last ? localTime(last.dueAt, timeZone) : 'never',
            last ? [last.status, last.message].filter(Boolean).join(': ') : '',
          ]),
        }),
      )
      for (const { name } of unscheduled) print(`${name} has no schedule: fdx run ${name}`)
    })
}

const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString())

/** Such as `2026-03-08 03:00 EDT`. */
function localTime(instant: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'long',
    hourCycle: 'h23',
  }).formatToParts(new Date(instant))
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')} ${of('hour')}:${of('minute')} ${of('timeZoneName')}`
}

/** Such as `3 h 20 min`; the two largest units. */
function duration(ms: number): string {
  if (ms < 60_000) return 'now'
  const minutes = Math.round(ms / 60_000)
  const [days, hours, rest] = [
    Math.floor(minutes / 1440),
    Math.floor(minutes / 60) % 24,
    minutes % 60,
  ]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${rest} min` : `${rest} min`
}
