import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { FdxError } from '../errors.ts'

export interface LockOptions {
  /** Give up after this long. Milliseconds. */
  readonly waitMs: number
  readonly signal?: AbortSignal
  /** Called once when somebody else holds the lock. */
  readonly onWait?: () => void
}

const pollMs = 20

/**
 * Takes an exclusive lock on `file` that the kernel frees when its holder dies, and that a frozen holder
 * keeps: an exclusive transaction on an empty SQLite file (facts/reliability-security.md 3.3).
 * @throws FdxError `LOCK_TIMEOUT` after `waitMs`.
 */
export async function holdLock(file: string, options: LockOptions): Promise<Disposable> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = new DatabaseSync(file, { timeout: 0 })
  const end = performance.now() + options.waitMs
  let told = false
  try {
    for (;;) {
      try {
        db.exec('begin exclusive')
        return { [Symbol.dispose]: () => db.close() }
      } catch (error) {
        if (!isBusy(error)) throw error
      }
      if (performance.now() >= end)
        throw new FdxError('LOCK_TIMEOUT', 'another fdx process holds the lock; try again later')
      if (!told) options.onWait?.()
      told = true
      await sleep(pollMs, undefined, options.signal ? { signal: options.signal } : {})
    }
  } catch (error) {
    db.close()
    throw error
  }
}

/** SQLITE_BUSY and its extended codes. */
const isBusy = (error: unknown) =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5
