import type { FastifyInstance } from 'fastify'
import type { DataPaths, Settings } from '../config/settings.ts'
import type { Vault } from '../connect/vault.ts'
import { FdxError } from '../errors.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { connectAttempts } from './connect-attempts.ts'
import { pgReader } from './console/pg-reader.ts'
import { consolePlugin } from './console/plugin.ts'
import type { Reader } from './console/reader.ts'
import type { SqlPart } from './sql-part.ts'

export interface ConsolePartOptions {
  readonly settings: Settings
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  readonly world: World
  readonly signal: AbortSignal
  /** Where its pages get the published tables. */
  readonly sql: SqlPart | undefined
  readonly publicUrl: string | null
  readonly signInToken: string
  readonly runNow: (pipeline: string) => void
  readonly nextRuns: () => readonly { readonly pipeline: string; readonly at: string }[]
  readonly fileProblems: () => readonly string[]
}

/** The console with its ways to connect a bank (`/connect`, `/callback`), and what it reads from. */
export async function addConsole(app: FastifyInstance, options: ConsolePartOptions): Promise<void> {
  const { sql, publicUrl, ...rest } = options
  const connect = connectAttempts(options)
  app.addHook('onClose', async () => connect[Symbol.dispose]())
  let reader: Reader = { read: nothingToRead }
  if (sql) {
    const pg = pgReader(sql.logins())
    app.addHook('onClose', () => pg[Symbol.asyncDispose]())
    reader = pg
  }
  await app.register(
    consolePlugin({ ...rest, reader, connect, ...(publicUrl !== null && { publicUrl }) }),
  )
}

function nothingToRead(): never {
  throw new FdxError(
    'QUERY_FAILED',
    'this process was started without its SQL endpoint, so that there is nothing to read from: serve without --without sql',
  )
}
