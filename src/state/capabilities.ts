import type { State } from './state.ts'

/** How long a provider's word that it does not do something is believed. Milliseconds. */
const believedMs = 30 * 86_400_000

/** Remembers that a stream is not to be had at this connection. `now` in milliseconds since the epoch. */
export function learnRefusal(
  state: State,
  connectionId: string,
  stream: string,
  code: string,
  now: number,
): void {
  state.db
    .prepare(
      'insert or replace into capabilities (connection_id, stream, code, expires_at) values (?, ?, ?, ?)',
    )
    .run(connectionId, stream, code, new Date(now + believedMs).toISOString())
}

/** Whether the stream was refused a short while ago, so that asking again would be in vain. */
export function isRefused(state: State, connectionId: string, stream: string, now: number) {
  return (
    state.db
      .prepare(
        'select 1 from capabilities where connection_id = ? and stream = ? and expires_at > ?',
      )
      .get(connectionId, stream, new Date(now).toISOString()) !== undefined
  )
}

/** Forgets all refusals of a connection: a new grant may cover what the old one did not. */
export function forgetRefusals(state: State, connectionId: string): void {
  state.db.prepare('delete from capabilities where connection_id = ?').run(connectionId)
}
