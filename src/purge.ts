import { existsSync, readdirSync, rmSync } from 'node:fs'
import type { DataPaths } from './config/settings.ts'
import type { Vault } from './connect/vault.ts'
import { FdxError } from './errors.ts'
import { eraseFromSegments, hasOpenSegments } from './land/erase.ts'
import { openSegments } from './land/segments.ts'
import { eraseFromWarehouse } from './load/erase.ts'
import { load } from './load/load.ts'
import { publish } from './serve/publish.ts'
import type { Connection } from './state/connections.ts'
import { holdLock } from './state/lock.ts'
import {
  addErased,
  askPurge,
  eraseFromState,
  finishPurge,
  openPurges,
  purgeAskedAt,
  type Receipt,
  receiptOf,
} from './state/purges.ts'
import type { State } from './state/state.ts'
import type { World } from './world.ts'

export interface PurgeTools {
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  readonly world: World
  readonly signal: AbortSignal
  /** Told when the purge waits for another process. */
  readonly onWait: () => void
}

/** A writer that is at work ends its segments within this time, or the purge is left open. Milliseconds. */
const writerWaitMs = 600_000

/**
 * Erases everything of a connection, down to the bytes: vault, landed pages, rows, history, published
 * generations, state. What is left is a tombstone, so that no replay brings it back, and the receipt. Each
 * step is harmless to repeat, so a purge that was killed goes on when it is asked for again, or with the
 * next run. The provider is not asked here: `endConnection` does that, before.
 * @throws FdxError `LOCK_TIMEOUT`, `WAREHOUSE_BUSY`, `STOPPED`: the purge stays open.
 */
export async function purge(connection: Connection, tools: PurgeTools): Promise<Receipt> {
  const { state, world } = tools
  const done = receiptOf(state, connection.id)
  if (done !== undefined) return done
  askPurge(state, connection, new Date(world.now()).toISOString())
  return erase(connection.id, tools)
}

/** Goes on with the purges that a killed process has left open. Returns their receipts. */
export async function resumePurges(tools: PurgeTools): Promise<Receipt[]> {
  const receipts = []
  for (const id of openPurges(tools.state)) receipts.push(await erase(id, tools))
  return receipts
}

async function erase(id: string, tools: PurgeTools): Promise<Receipt> {
  const { paths, state, vault, world, signal, onWait } = tools
  const secrets = existsSync(vault.path(id, 'sealed')) ? 1 : 0
  await vault.remove(id)
  addErased(state, id, { secrets })

  await writersHaveEnded(id, tools)
  using _lock = await holdLock(`${paths.locks}/loader.lock`, { waitMs: 3_600_000, signal, onWait })
  addErased(state, id, await eraseFromSegments(paths, state, id))
  addErased(state, id, { checkpoints: eraseFromState(state, id) })
  addErased(state, id, { rows: await eraseFromWarehouse(paths, id) })
  const before = generations(paths)
  if (existsSync(paths.warehouse)) {
    // Brings the mirrors of the state store up to date, without what was just erased from it.
    await load({ paths, state, now: world.now, signal })
    await publish(paths, 1)
  }
  addErased(state, id, { generations: before.length })
  rmSync(paths.scratch, { recursive: true, force: true })
  return finishPurge(state, id, new Date(world.now()).toISOString())
}

/** Segments that a running extraction still writes may hold pages of the connection: wait for their end. */
async function writersHaveEnded(id: string, tools: PurgeTools): Promise<void> {
  const { state, world, signal, onWait } = tools
  {
    // Opening and closing a writer seals what dead ones have left.
    await using _segments = await openSegments(tools)
  }
  const asked = purgeAskedAt(state, id)
  const end = world.now() + writerWaitMs
  let told = false
  while (hasOpenSegments(state, asked)) {
    if (world.now() > end)
      throw new FdxError(
        'LOCK_TIMEOUT',
        'an extraction is still running; purge again when it has ended',
      )
    if (!told) onWait()
    told = true
    await world.sleep(500, signal)
  }
}

const generations = (paths: DataPaths): string[] =>
  existsSync(paths.generations)
    ? readdirSync(paths.generations).filter((name) => name.endsWith('.duckdb'))
    : []
