import { readCron } from '../config/cron.ts'
import type { Pipeline } from '../config/pipeline.ts'
import { findSchedule, lastTaken, noteSchedule } from '../state/due-runs.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import type { Remembered, Schedule } from './due.ts'

/** A pipeline that has a schedule. */
export interface ScheduledPipeline {
  readonly name: string
  readonly cron: string
  readonly timeZone: string
  readonly schedule: Schedule
}

/** Those of the pipelines that have a cron line, with their lines read. */
export function scheduled(pipelines: readonly Pipeline[]): ScheduledPipeline[] {
  return pipelines.flatMap(({ name, schedule: cron, timeZone, jitterMinutes }) =>
    cron === undefined
      ? []
      : [{ name, cron, timeZone, schedule: { line: readCron(cron, timeZone), jitterMinutes } }],
  )
}

/** What the state store knows of a pipeline's schedule; changes nothing. */
export function recall(state: State, pipeline: ScheduledPipeline, now: number): Remembered {
  const known = findSchedule(state, lineOf(pipeline))
  const taken = lastTaken(state, pipeline.name, now)
  return {
    knownFrom: known === undefined ? now : Date.parse(known.known_from),
    jitter: known?.jitter ?? 0,
    taken: taken && { dueAt: Date.parse(taken.due_at), ended: taken.ended_at !== null },
  }
}

/** As `recall`; a line that nobody has seen before is noted, and counts from now on. */
export function remember(
  state: State,
  pipeline: ScheduledPipeline,
  world: Pick<World, 'now' | 'random'>,
): Remembered {
  const line = lineOf(pipeline)
  if (findSchedule(state, line) === undefined)
    noteSchedule(state, line, world.now(), world.random())
  return recall(state, pipeline, world.now())
}

const lineOf = ({ name, cron, timeZone }: ScheduledPipeline) => ({
  pipeline: name,
  line: cron,
  timeZone,
})
