import { existsSync, rmSync } from 'node:fs'
import type { Provider } from './config/provider.ts'
import type { DataPaths } from './config/settings.ts'
import { askProviderToEnd } from './connect/end.ts'
import type { Revocation } from './connect/revoke.ts'
import type { Vault } from './connect/vault.ts'
import { FdxError } from './errors.ts'
import { eraseFromSegments, hasOpenSegments } from './land/erase.ts'
import { openSegments } from './land/segments.ts'
import { eraseFromWarehouse } from './load/erase.ts'
import { load } from './load/load.ts'
import { leftWarehouses } from './load/replay.ts'
import { eraseExports } from './serve/export-folder.ts'
import { generationNames } from './serve/generation-files.ts'
import { publish } from './serve/publish.ts'
import { type Connection, getConnection } from './state/connections.ts'
import { holdLock } from './state/lock.ts'
import { mergedFrom } from './state/merges.ts'
import {
  askPurge,
  type ErasedKind,
  eraseFromState,
  finishPurge,
  noteErased,
  openPurges,
  purgeAskedAt,
  type Receipt,
  receiptOf,
} from './state/purges.ts'
import type { State } from './state/state.ts'
import { eraseFiles, filesFolder } from './state/statement-files.ts'
import type { World } from './world.ts'

export interface PurgeTools {
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  readonly world: World
  readonly signal: AbortSignal
  /** The provider of that name, to ask it to end the grant; undefined when its file cannot be read. */
  readonly providerOf: (name: string) => Provider | undefined
  /** Told what the provider said to it. */
  readonly onRevocation?: (revocation: Revocation) => void
  /** Told when the purge waits for another process. */
  readonly onWait: () => void
}

/** A writer that is at work ends its segments within this time, or the purge is left open. Milliseconds. */
const writerWaitMs = 600_000

/**
 * Erases everything of a connection, down to the bytes: vault, landed pages, rows, history, published
 * generations, exports, state. What is left is a tombstone, so that no replay brings it back, and the receipt. Each
 * step is harmless to repeat, so a purge that was killed goes on when it is asked for again, or with the
 * next run. The provider is asked to end the grant, and whatever it says the erasure goes on.
 * @throws FdxError `LOCK_TIMEOUT`, `WAREHOUSE_BUSY`, `STOPPED`: the purge stays open.
 */
export async function purge(connection: Connection, tools: PurgeTools): Promise<Receipt> {
  const { state, world } = tools
  const done = receiptOf(state, connection.id)
  if (done !== undefined) return done
  for (const id of mergedFrom(state, connection.id)) {
    const part = getConnection(state, id)
    if (part !== undefined) await purge(part, tools)
  }
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
  const note = (kind: ErasedKind) => (place: string, count: number) =>
    noteErased(state, id, kind, place, count)
  if (existsSync(vault.path(id, 'sealed'))) {
    note('secrets')('vault', 1)
    await endGrant(id, tools)
    await vault.remove(id)
  }

  await writersHaveEnded(id, tools)
  using _lock = await holdLock(`${paths.locks}/loader.lock`, { waitMs: 3_600_000, signal, onWait })
  await eraseFromSegments(paths, state, id, note('pages'))
  note('pages')('files', eraseFiles(filesFolder(paths), id))
  eraseExports(state, note('exports'))
  eraseFromState(state, id)
  for (const file of leftWarehouses(paths)) rmSync(file, { force: true })
  if (existsSync(paths.warehouse)) {
    await eraseFromWarehouse(paths, id, note('rows'))
    // Brings the mirrors of the state store up to date, without what was just erased from it.
    await load({ paths, state, now: world.now, signal })
    for (const name of await generationNames(paths)) note('generations')(name, 1)
    await publish(paths, { keep: 1, evict: true })
  }
  for (const folder of [paths.scratch, paths.spill])
    rmSync(folder, { recursive: true, force: true })
  return finishPurge(state, id, new Date(world.now()).toISOString())
}

/** While there still is a secret to ask with. */
async function endGrant(id: string, tools: PurgeTools): Promise<void> {
  const { paths, state } = tools
  const connection = getConnection(state, id)
  if (connection === undefined) return
  const provider = tools.providerOf(connection.provider)
  if (provider === undefined) return
  const revocation = await askProviderToEnd({ ...tools, provider, locks: paths.locks }, connection)
  tools.onRevocation?.(revocation)
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
