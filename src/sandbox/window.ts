import { dayOf } from './calendar.ts'
import type { Asked } from './fdx.ts'
import type { Movement } from './invented/transactions.ts'

/** Whether a movement's day is asked for. */
export type Window = (movement: Pick<Movement, 'day'>) => boolean

/**
 * The days a request asks for, both ends included; `startDate` and `endDate` too in v6. Both or neither, start not
 * after end (flinks-outbound 5.4): else the FDX code. With neither, everything that the bank keeps.
 */
export function windowOf({ shape, call }: Asked): Window | 401 | 702 | 703 {
  const query = call.url.searchParams
  const read = (name: string, later: string) =>
    query.get(name) ?? (shape.version === 6 ? query.get(later) : null)
  const start = read('startTime', 'startDate')
  const end = read('endTime', 'endDate')
  if (start === null && end === null) return () => true
  if (start === null || end === null) return 703
  const day = /^\d{4}-\d{2}-\d{2}(T.*)?$/
  if (!day.test(start) || !day.test(end)) return 702
  const [from, to] = [dayOf(start), dayOf(end)]
  if (Number.isNaN(from) || Number.isNaN(to)) return 702
  if (from > to) return 703
  return (movement) => movement.day >= from && movement.day <= to
}
