/** Dates and times of day by integer arithmetic (the proleptic Gregorian calendar, as PostgreSQL's). */

export interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Days since 1970-01-01 to a date; years are astronomical: 0 is 1 BC. */
export function dayOf(days: number): Day {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const ofEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) /
      365,
  )
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  }
}

const two = (n: number) => (n < 10 ? `0${n}` : String(n))

/** `2026-01-31`, and ` BC` behind a year before 1. */
export function dateText(days: number): string {
  const { year, month, day } = dayOf(days)
  const shown = year > 0 ? year : 1 - year
  return `${String(shown).padStart(4, '0')}-${two(month)}-${two(day)}${year > 0 ? '' : ' BC'}`
}

/** `04:05:06.7`: microseconds of a day, without zeros at the end of the fraction. */
export function timeText(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = micros - seconds * 1_000_000
  const minutes = Math.floor(seconds / 60)
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`
  return fraction === 0 ? clock : `${clock}.${String(fraction).padStart(6, '0').replace(/0+$/, '')}`
}

export const dayMicros = 86_400_000_000

/** `2026-01-31 04:05:06`, with `zone` behind it; microseconds since 1970 that are an exact JS number. */
export function timestampText(micros: number, zone = ''): string {
  const days = Math.floor(micros / dayMicros)
  const date = dateText(days)
  const time = timeText(micros - days * dayMicros)
  return date.endsWith(' BC') ? `${date.slice(0, -3)} ${time}${zone} BC` : `${date} ${time}${zone}`
}

/** PostgreSQL's IntervalStyle `postgres`: `1 year 2 mons -3 days +04:05:06` (EncodeInterval). */
export function intervalText(months: number, days: number, micros: bigint): string {
  const parts: string[] = []
  let negativeBefore = false
  const add = (count: number, unit: string) => {
    if (count === 0) return
    const plus = negativeBefore && count > 0 ? '+' : ''
    parts.push(`${plus}${count} ${unit}${count === 1 ? '' : 's'}`)
    negativeBefore = count < 0
  }
  const years = Math.trunc(months / 12)
  add(years, 'year')
  add(months - years * 12, 'mon')
  add(days, 'day')
  if (micros !== 0n || parts.length === 0) {
    const negative = micros < 0n
    const size = negative ? -micros : micros
    const hours = size / 3_600_000_000n
    const rest = timeText(Number(size - hours * 3_600_000_000n))
    const sign = negative ? '-' : negativeBefore ? '+' : ''
    parts.push(`${sign}${String(hours).padStart(2, '0')}${rest.slice(2)}`)
  }
  return parts.join(' ')
}
