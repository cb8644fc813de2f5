import type { CronLine } from '../config/cron.ts'

/** When a pipeline is wanted. Times are milliseconds since the epoch. */
export interface Schedule {
  readonly line: CronLine
  /**
   * Longest delay behind a due time. Minutes. The delay is the pipeline's; its connections follow in the order of
   * their ids at the pace that their provider allows, so each of them is asked at about the same time every day.
   */
  readonly jitterMinutes: number
}

/** What this installation remembers of a pipeline's schedule. */
export interface Remembered {
  /** When a scheduler first saw this cron line: nothing before it was ever wanted. */
  readonly knownFrom: number
  /** In [0, 1): which part of its jitter this pipeline has, the same at every run. */
  readonly jitter: number
  /** The latest due time that was taken, and whether its run has ended. */
  readonly taken: { readonly dueAt: number; readonly ended: boolean } | undefined
}

export interface Due {
  readonly dueAt: number
  /** Earlier due times that nobody took: this one run makes up for them. To `countedMissed`. */
  readonly missed: number
  /** Its run was begun and cut off: it goes on. */
  readonly resumes: boolean
}

/** Missed due times are counted so far; a line that is due each minute has more of them in a day. */
export const countedMissed = 1_000

/**
 * What is due now. However long nobody looked (sleep, restart, a clock put forward), the newest due time stands for
 * all that were missed; a due time that was taken never comes back (a clock put back, an hour passed twice).
 * A run that was cut off goes on, unless a newer one is due, which does its work as well.
 */
export function whatIsDue(schedule: Schedule, known: Remembered, now: number): Due | undefined {
  const { line } = schedule
  const { taken } = known
  const since = Math.max(known.knownFrom, taken?.dueAt ?? 0)
  const newest = newestStarted(schedule, known, now)
  if (newest === undefined || newest <= since)
    return taken && !taken.ended ? { dueAt: taken.dueAt, missed: 0, resumes: true } : undefined
  let missed = 0
  for (let at = line.next(since); at !== undefined && at < newest; at = line.next(at))
    if (++missed === countedMissed) break
  return { dueAt: newest, missed, resumes: false }
}

/** When the next run starts, its delay included; undefined when the line never matches again. */
export function nextStart(
  schedule: Schedule,
  known: Remembered,
  now: number,
): { readonly dueAt: number; readonly startsAt: number } | undefined {
  const due = whatIsDue(schedule, known, now)
  if (due) return { dueAt: due.dueAt, startsAt: now }
  const after = Math.max(known.knownFrom, known.taken?.dueAt ?? 0)
  // A due time whose delay has not passed yet is before now.
  const last = schedule.line.last(now)
  const next = last !== undefined && last > after ? last : schedule.line.next(Math.max(after, now))
  return next === undefined ? undefined : { dueAt: next, startsAt: startOf(schedule, known, next) }
}

/** The newest due time whose delay has passed. */
function newestStarted(schedule: Schedule, known: Remembered, now: number): number | undefined {
  const last = schedule.line.last(now)
  if (last === undefined || startOf(schedule, known, last) <= now) return last
  return schedule.line.last(last - 1)
}

const minuteMs = 60_000

/** A delay is whole minutes, and at most a quarter of the time to the next run: runs keep their order. */
function startOf({ line, jitterMinutes }: Schedule, { jitter }: Remembered, dueAt: number): number {
  if (jitterMinutes === 0) return dueAt
  const gap = ((line.next(dueAt) ?? Number.POSITIVE_INFINITY) - dueAt) / minuteMs
  const longest = Math.floor(Math.min(jitterMinutes, gap / 4))
  return dueAt + Math.floor(jitter * (longest + 1)) * minuteMs
}
