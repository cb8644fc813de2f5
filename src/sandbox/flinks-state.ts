import type { Household } from './invented/book.ts'
import type { JsonObject } from './json.ts'
import type { SandboxOptions } from './options.ts'
import type { About, Switchboard } from './switchboard.ts'

/** What Flinks' part of the sandbox works with. */
export interface FlinksTools {
  readonly options: SandboxOptions
  readonly switches: Switchboard
  readonly now: () => number
  readonly origin: string
  readonly household: (login: number) => Household
  readonly count: (about: About) => void
  readonly state: FlinksState
}

/** What was opened: one-time tokens, sessions, cards that were deleted, logins that answered their questions. */
export interface FlinksState {
  readonly tokens: Set<string>
  readonly sessions: Map<string, Session>
  readonly deleted: Set<number>
  readonly answered: Set<number>
  readonly refreshedAt: Map<number, number>
}

export interface Session {
  readonly requestId: string
  readonly login: number
  readonly tag: string | undefined
  /** Milliseconds since 1970 of the first data request; a slow login is ready some seconds after it. */
  firstAsked: number | undefined
  authorized: boolean
  touched: number
  detail: JsonObject | undefined
}

/** Nothing opened yet. */
export function newFlinksState(): FlinksState {
  return {
    tokens: new Set(),
    sessions: new Map(),
    deleted: new Set(),
    answered: new Set(),
    refreshedAt: new Map(),
  }
}

/** A session ends after 30 minutes without a request (flinks-native 2). */
export const sessionLife = 1_800_000
