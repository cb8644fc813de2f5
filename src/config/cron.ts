import { Cron } from 'croner'

/** When a cron line is due. Every instant is in milliseconds since the epoch, on a whole minute. */
export interface CronLine {
  /** The first due time after `at`; undefined when the line never matches again. */
  next(at: number): number | undefined
  /** The last due time at or before `at`; undefined when there is none. */
  last(at: number): number | undefined
}

/**
 * Reads five cron fields (minute, hour, day of month, month, day of week; names, ranges, lists, steps, L, W
 * and #) in an IANA time zone. On a day when clocks are put forward, a fixed time that does not exist is due at
 * the first minute that does; when they are put back, a fixed time is due once, at its first passing, while a
 * line with `*` or a range in its hours goes on through the repeated hour. Day of month and day of week together mean
 * either, as in Vixie cron (crontab(5)).
 * @throws Error with a sentence for people: what is wrong in the line, or that it is never due.
 */
export function readCron(line: string, timeZone: string): CronLine {
  const cron = new Cron(line.trim(), { timezone: timeZone, mode: '5-part', paused: true })
  if (cron.nextRun(new Date()) === null) throw new Error('there is no such day in any year')
  return {
    next: (at) => cron.nextRun(new Date(at))?.getTime(),
    // `previousRuns` gives what is before its argument; a due time at `at` itself counts.
    last: (at) => cron.previousRuns(1, new Date(Math.floor(at / 1000) * 1000 + 1000))[0]?.getTime(),
  }
}

/** What is wrong with a cron line, for the person who wrote it; undefined when nothing is. */
export function cronProblem(line: string): string | undefined {
  if (line.trim().split(/\s+/).length !== 5)
    return 'expected five cron fields (minute hour day month weekday), such as "15 3 * * *"'
  try {
    readCron(line, 'UTC')
    return undefined
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Cron\w+: /, '') : ''
    return `not a cron line: ${why}; expected minute hour day month weekday, such as "15 3 * * *"`
  }
}
