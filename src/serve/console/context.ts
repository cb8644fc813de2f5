import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { DataPaths, Settings } from '../../config/settings.ts'
import type { State } from '../../state/state.ts'
import type { World } from '../../world.ts'
import type { ConnectAttempts } from '../connect-attempts.ts'
import type { Page } from './layout.ts'
import type { Reader } from './reader.ts'
import type { Session, SessionLimits, Sessions } from './sessions.ts'

export interface ConsoleOptions {
  /** Connections, consents, runs: what is live. */
  readonly state: State
  /** The published tables, in another process. */
  readonly reader: Reader
  readonly settings: Settings
  readonly paths: DataPaths
  readonly world: World
  /** Printed at start; whoever has it may sign in. At least 128 bits of chance. */
  readonly signInToken: string
  /** Sends people to their banks; without it the console can connect nobody. */
  readonly connect?: ConnectAttempts
  /** Begins a run of a pipeline now, and returns at once. Without it there is no button for that. */
  readonly runNow?: (pipeline: string) => void
  /** When pipelines run next. */
  readonly nextRuns?: () => readonly { readonly pipeline: string; readonly at: string }[]
  /** What is wrong with pipeline files, by file and field: they are not run. */
  readonly fileProblems?: () => readonly string[]
  /** How the console is reached from outside, behind a proxy: `https://fdx.example.com`. */
  readonly publicUrl?: string
  readonly sessionLimits?: SessionLimits
}

/** What every page is made with. */
export interface Context extends ConsoleOptions {
  readonly app: FastifyInstance
  readonly sessions: Sessions
  readonly publicOrigin: URL | undefined
  show(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whoever has signed in; set before any handler of the console that is not `open`. */
    session: Session | undefined
  }
  interface FastifyContextConfig {
    /** The route is for everybody: sign-in, assets, the callback. */
    open?: boolean
    /** A request of a page by itself, not of a person: it keeps no session alive. */
    quiet?: boolean
  }
}

/** The query string as it came: texts, or lists of them. */
export const queryOf = (request: FastifyRequest): Readonly<Record<string, unknown>> =>
  request.query as Readonly<Record<string, unknown>>

/** One text of a posted form or JSON body; empty where there is none. */
export function field(request: FastifyRequest, name: string): string {
  const body = request.body as Readonly<Record<string, unknown>> | null | undefined
  const value = body?.[name]
  return typeof value === 'string' ? value : ''
}
