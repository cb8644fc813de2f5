import type { State } from './state.ts'

/** Records that one connection is, from now on, part of another; what was merged into it earlier moves along. */
export function addMerge(state: State, from: string, into: string, at: string): void {
  state.db.prepare('update merges set into_id = ? where into_id = ?').run(into, from)
  state.db
    .prepare('insert or replace into merges (from_id, into_id, at) values (?, ?, ?)')
    .run(from, into, at)
}

/** Merged connections, each with the one that its pages load under. No chains: every target is a last one. */
export const mergedInto = (state: State): Map<string, string> =>
  new Map(
    state.db
      .prepare('select from_id, into_id from merges order by from_id')
      .all()
      .map((row) => [String(row['from_id']), String(row['into_id'])]),
  )

/** Connections that were merged into this one: what is erased of it is erased of them too. */
export const mergedFrom = (state: State, into: string): string[] =>
  state.db
    .prepare('select from_id from merges where into_id = ? order by from_id')
    .all(into)
    .map((row) => String(row['from_id']))
