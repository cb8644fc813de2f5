import type { Pipeline } from '../config/pipeline.ts'
import type { Provider } from '../config/provider.ts'
import type { Code, Facts } from '../errors.ts'
import type { UnhashedPage } from '../page/page.ts'
import type { Checkpoint } from '../state/checkpoints.ts'
import type { Connection } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import type { Meter } from './meter.ts'
import type { SharedPace } from './pace.ts'
import type { Session } from './session.ts'

/** Things worth telling about a connection that no error code names, and whether data is missing for them. */
export const notices = {
  /** HTTP 206: the provider says that something is left out. */
  PARTIAL_CONTENT: true,
  /** An account came with an `error` in it. */
  ACCOUNT_ERROR: true,
  /** 602 on this resource, while others answer. */
  SCOPE_MISSING: true,
  /** `totalElements` is not the number of records that came. */
  TOTAL_DIFFERS: false,
  /** The provider keeps less history than was asked for. */
  HISTORY_SHORT: false,
  /** Flinks has not been at the bank since the last complete pull: nothing can be new. */
  NOT_REFRESHED: false,
  /** Accounts, but not one transaction: history may still be loading, so the next run pulls again. */
  TRANSACTIONS_EMPTY: false,
  /** Flinks' nightly refresh leaves this login out. */
  NIGHTLY_INELIGIBLE: false,
  /** A statement is still being made; the next run asks again. */
  STATEMENT_LATER: false,
  /** A statement's file cannot be had. */
  STATEMENT_REFUSED: false,
  /** An account without an id, or with one that is too long: nothing more can be asked about it. */
  ACCOUNT_WITHOUT_ID: false,
} as const satisfies Readonly<Record<string, boolean>>
export type Notice = keyof typeof notices

export interface Land {
  /** Keeps a page; resolves when it is durable, and with it, in the same moment, the checkpoints. */
  (page: UnhashedPage, checkpoints: readonly Checkpoint[]): Promise<void>
  /** Resolves when few enough pages are on their way to the disk, of all connections together. */
  readonly room: () => Promise<void>
  /** How often pages have been lost on their way: when it has risen, look for your own before you land another. */
  readonly losses: () => number
}

/** Everything that the reading of one connection works with. */
export interface Extraction<P extends Provider = Provider> {
  readonly provider: P
  readonly pipeline: Pipeline
  readonly connection: Connection
  readonly runId: string
  readonly loginId: string | undefined
  readonly session: Session
  readonly state: State
  readonly land: Land
  /** Folder for files that are kept beside the pages. */
  readonly files: string
  readonly world: World
  readonly signal: AbortSignal
  readonly meter: Meter
  readonly pace: SharedPace
  /** Records a part that could not be read as it should; the rest goes on. `facts`: of the request that failed. */
  issue(stream: string, code: Code | Notice, message: string, facts?: Facts): void
  /** Called after each page that became durable. */
  progress(): void
}
