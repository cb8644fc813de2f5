import type { State } from './state.ts'

/** How a due time stands. `taken`: its run goes on, or was cut off. */
export const dueStatuses = ['taken', 'done', 'failed'] as const
export type DueStatus = (typeof dueStatuses)[number]

export interface DueRun {
  readonly pipeline: string
  readonly due_at: string
  readonly taken_at: string
  readonly missed: number
  readonly attempts: number
  readonly ended_at: string | null
  readonly status: DueStatus
  readonly message: string
}

export interface KnownSchedule {
  readonly known_from: string
  readonly jitter: number
}

/** Records of taken due times are kept so long; the newest of each pipeline always. */
const keptMs = 400 * 86_400_000
/** A due time further ahead than this was taken by a clock that was wrong: it holds nobody up. */
const aheadMs = 86_400_000

const iso = (at: number) => new Date(at).toISOString()

/** A pipeline's cron line in its time zone. */
export interface ScheduleLine {
  readonly pipeline: string
  readonly line: string
  readonly timeZone: string
}

/** Since when a cron line is known here; undefined when no scheduler has seen it yet. */
export function findSchedule(state: State, schedule: ScheduleLine): KnownSchedule | undefined {
  return state.db
    .prepare(
      'select known_from, jitter from schedules where pipeline = ? and line = ? and time_zone = ?',
    )
    .get(schedule.pipeline, schedule.line, schedule.timeZone) as KnownSchedule | undefined
}

/** Notes a cron line that is seen for the first time. `now` in milliseconds, `jitter` in [0, 1). */
export function noteSchedule(
  state: State,
  { pipeline, line, timeZone }: ScheduleLine,
  now: number,
  jitter: number,
): void {
  state.db
    .prepare('insert or ignore into schedules values (?, ?, ?, ?, ?)')
    .run(pipeline, line, timeZone, iso(now), jitter)
}

/** The pipeline's latest due time that was taken. */
export function lastTaken(state: State, pipeline: string, now: number): DueRun | undefined {
  return state.db
    .prepare(
      'select * from due_runs where pipeline = ? and due_at <= ? order by due_at desc limit 1',
    )
    .get(pipeline, iso(now + aheadMs)) as DueRun | undefined
}

/**
 * Takes a due time for this process, new or cut off. False: somebody else has it, or had it. An earlier one
 * that was cut off is closed: the new run does its work.
 */
export function takeDue(
  state: State,
  pipeline: string,
  due: { readonly dueAt: number; readonly missed: number; readonly resumes: boolean },
  now: number,
): boolean {
  const key = [pipeline, iso(due.dueAt)]
  return state.transaction(() => {
    if (due.resumes)
      return (
        state.db
          .prepare(
            `update due_runs set attempts = attempts + 1 where pipeline = ? and due_at = ? and ended_at is null`,
          )
          .run(...key).changes === 1
      )
    const taken = state.db
      .prepare(
        'insert or ignore into due_runs (pipeline, due_at, taken_at, missed) values (?, ?, ?, ?)',
      )
      .run(...key, iso(now), due.missed)
    if (taken.changes === 0) return false
    state.db
      .prepare(
        `update due_runs set status = 'failed', ended_at = ?, message = 'cut off; the next run made up for it'
         where pipeline = ? and ended_at is null and due_at < ?`,
      )
      .run(iso(now), ...key)
    state.db
      .prepare('delete from due_runs where pipeline = ? and due_at < ? and due_at <> ?')
      .run(pipeline, iso(now - keptMs), iso(due.dueAt))
    return true
  })
}

export function endDue(
  state: State,
  pipeline: string,
  dueAt: number,
  end: { readonly status: Exclude<DueStatus, 'taken'>; readonly message: string },
  now: number,
): void {
  state.db
    .prepare(
      'update due_runs set status = ?, message = ?, ended_at = ? where pipeline = ? and due_at = ?',
    )
    .run(end.status, end.message, iso(now), pipeline, iso(dueAt))
}

/** Taken due times of a pipeline, the newest first. */
export function dueRuns(state: State, pipeline: string, limit: number): DueRun[] {
  return state.db
    .prepare('select * from due_runs where pipeline = ? order by due_at desc limit ?')
    .all(pipeline, limit) as unknown as DueRun[]
}
