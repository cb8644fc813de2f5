import { join } from 'node:path'
import { holdLock } from '../state/lock.ts'
import type { Vault } from './vault.ts'

const longestWaitMs = 60_000

/**
 * Makes this process the one owner of a connection's secrets until it is disposed of. Whoever changes a
 * record holds it: a refresh, a connect, a key rotation. Lock files are in the folder beside the vault.
 * @throws FdxError `LOCK_TIMEOUT`.
 */
export const lockConnection = (
  vault: Vault,
  connectionId: string,
  waitMs: number = longestWaitMs,
): Promise<Disposable> =>
  holdLock(join(vault.folder, '..', 'locks', `${connectionId}.lock`), { waitMs })
