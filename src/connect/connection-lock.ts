import { join } from 'node:path'
import { holdLock } from '../state/lock.ts'
import type { Vault } from './vault.ts'

export interface ConnectionLocks {
  /** Folder of the lock files, one a connection. The folder `locks` beside the vault when left out. */
  readonly locks?: string
  /** Longest wait for another process that holds the connection. Milliseconds; a minute when left out. */
  readonly lockWaitMs?: number
}

/**
 * Makes this process the one owner of a connection's secrets until it is disposed of. Whoever changes a
 * record holds it: a refresh, a connect, a revocation, a key rotation.
 * @throws FdxError `LOCK_TIMEOUT`.
 */
export function lockConnection(
  vault: Vault,
  connectionId: string,
  options: ConnectionLocks = {},
): Promise<Disposable> {
  const folder = options.locks ?? join(vault.folder, '..', 'locks')
  return holdLock(join(folder, `${connectionId}.lock`), { waitMs: options.lockWaitMs ?? 60_000 })
}
