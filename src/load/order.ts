import type { Segment } from './segments.ts'

/** The day on which a segment was begun, `YYYYMMDD`, as its name says; empty where it does not. */
export const dayOf = ({ name }: Pick<Segment, 'name'>): string => /\/(\d{8})T/.exec(name)?.[1] ?? ''

/**
 * Segments by the day on which they were begun, and by entity within a day: what is loaded anew later meets
 * the pages in the order in which they were fetched, so that history comes out the same.
 */
export const inFetchOrder = (segments: readonly Segment[]): Segment[] =>
  segments.toSorted((a, b) => (dayOf(a) < dayOf(b) ? -1 : dayOf(a) > dayOf(b) ? 1 : 0))
