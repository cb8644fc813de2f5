/** A calendar day, counted from 1970-01-01. */
export type Day = number
/** A calendar month, counted from January of year 0. */
export type Month = number

const dayMs = 86_400_000

/** The day of a text that begins `YYYY-MM-DD`. */
export function dayOf(text: string): Day {
  return Math.floor(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / dayMs)
}

/** `YYYY-MM-DD`. */
export function dayText(day: Day): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}

/** The month that a day is in. */
export function monthOf(day: Day): Month {
  const date = new Date(day * dayMs)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** The day with this number in a month; the last one when the month is shorter. */
export function dayIn(month: Month, number: number): Day {
  const first = firstDay(month)
  return Math.min(first + number - 1, firstDay(month + 1) - 1)
}

export function firstDay(month: Month): Day {
  return Math.floor(Date.UTC(Math.floor(month / 12), month % 12, 1) / dayMs)
}

export function lastDay(month: Month): Day {
  return firstDay(month + 1) - 1
}

export function yearOf(day: Day): number {
  return Math.floor(monthOf(day) / 12)
}

/** `HH:MM:SS` of a second of the day. */
export function clockText(second: number): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
}
