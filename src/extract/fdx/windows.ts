/** Days of the calendar, `YYYY-MM-DD`. Both ends belong to the window. */
export interface Window {
  readonly start: string
  readonly end: string
}

const dayMs = 86_400_000

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const addDays = (day: string, days: number): string =>
  dayOf(Date.parse(`${day}T00:00:00Z`) + days * dayMs)

/** Days in the window, both ends counted. */
export const lengthOf = ({ start, end }: Window): number =>
  Math.round((Date.parse(`${end}T00:00:00Z`) - Date.parse(`${start}T00:00:00Z`)) / dayMs) + 1

/** What to ask for: everything on the first pull, later what may have changed since the last good one. */
export function planWindow(options: {
  today: string
  historyDays: number
  lookbackDays: number
  goodUntil: string | null
}): Window {
  const { today, historyDays, lookbackDays, goodUntil } = options
  const start =
    goodUntil === null ? addDays(today, -historyDays) : addDays(goodUntil, -lookbackDays)
  return { start: start < today ? start : today, end: today }
}

/** The newest part of `span`, at most `days` long. */
export function newest(span: Window, days: number): Window {
  const start = addDays(span.end, 1 - days)
  return start > span.start ? { start, end: span.end } : span
}

/** What is left of `span` before `done`; undefined when nothing is. */
export function before(span: Window, done: Window): Window | undefined {
  return done.start > span.start ? { start: span.start, end: addDays(done.start, -1) } : undefined
}
