import { createHash, timingSafeEqual } from 'node:crypto'
import type { World } from '../../world.ts'

/** A browser that has signed in. In memory only: a restart signs everybody out. */
export interface Session {
  readonly id: string
  /** Stands in every form; a request that changes something must carry it. */
  readonly csrf: string
  readonly startedAt: number
  /** Last request that a person made; the live stream does not count. */
  seenAt: number
}

export interface Sessions {
  /** A new session if this is the sign-in token, compared in constant time; else undefined. */
  start(token: string): Session | undefined
  /** The session, unless it has expired. `touch`: a person is there. */
  get(id: string, touch: boolean): Session | undefined
  end(id: string): void
}

export interface SessionLimits {
  /** Longest pause between two requests of a person. Milliseconds. */
  readonly idleMs: number
  /** Longest life of a session. Milliseconds. */
  readonly lifeMs: number
  /** Most sessions at once; the oldest makes room. */
  readonly most: number
}

export const sessionLimits: SessionLimits = {
  idleMs: 2 * 3_600_000,
  lifeMs: 12 * 3_600_000,
  most: 100,
}

export function openSessions(
  signInToken: string,
  world: Pick<World, 'now' | 'bytes'>,
  limits: SessionLimits = sessionLimits,
): Sessions {
  const sessions = new Map<string, Session>()
  const secret = () => world.bytes(32).toString('base64url')
  const isOver = ({ startedAt, seenAt }: Session) =>
    world.now() - seenAt > limits.idleMs || world.now() - startedAt > limits.lifeMs
  return {
    start: (token) => {
      if (!sameText(token, signInToken)) return undefined
      for (const one of sessions.values()) if (isOver(one)) sessions.delete(one.id)
      for (const id of sessions.keys()) if (sessions.size >= limits.most) sessions.delete(id)
      const at = world.now()
      const session = { id: secret(), csrf: secret(), startedAt: at, seenAt: at }
      sessions.set(session.id, session)
      return session
    },
    get: (id, touch) => {
      const found = sessions.get(id)
      if (found === undefined) return undefined
      if (isOver(found)) {
        sessions.delete(id)
        return undefined
      }
      if (touch) found.seenAt = world.now()
      return found
    },
    end: (id) => void sessions.delete(id),
  }
}

/** Compares secrets in a time that tells nothing of where they differ. */
export function sameText(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
