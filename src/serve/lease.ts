import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { DataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { currentName, generationFile, leaseFile, partsOf, type Role } from './generation-files.ts'

/** A generation that will not be removed before this is disposed of, or its process has died. */
export interface Lease extends Disposable {
  /** Name of the generation, the same for all roles. */
  readonly generation: string
  readonly role: Role
  /** Path of the DuckDB file to open read-only. */
  readonly file: string
}

/** Publishing is rare: a reader that loses this race so many times in a row meets something else. */
const attempts = 20

/**
 * Holds the current generation for a reader: a shared lock on an empty SQLite file beside it, which the kernel
 * frees when the holder dies. Whoever removes old generations takes it exclusively first. A reader of another
 * user needs read permission only.
 * @throws FdxError `WAREHOUSE_MISSING` when nothing has been published, or not for this role.
 */
export async function leaseCurrent(paths: DataPaths, role: Role): Promise<Lease> {
  for (let attempt = 1; ; attempt++) {
    const generation = await currentName(paths)
    const file = generationFile(paths, generation, role)
    const hold = leaseFile(paths, generation)
    // One that was published before leases were kept has none; its files are removed before its lease is.
    if (!existsSync(hold) && existsSync(file)) return { generation, role, file, ...nothing }
    const lock = share(hold)
    // A generation that was removed in between has a successor.
    if (lock !== undefined && existsSync(file))
      return { generation, role, file, [Symbol.dispose]: () => void (lock.isOpen && lock.close()) }
    lock?.close()
    if (attempt < attempts) continue
    throw new FdxError(
      'WAREHOUSE_MISSING',
      role === 'owner' || !existsSync(generationFile(paths, generation, 'owner'))
        ? 'the published generation is gone; run fdx run again'
        : `nothing has been published for role ${role} yet; run fdx run`,
    )
  }
}

const nothing: Disposable = { [Symbol.dispose]: () => {} }

function share(file: string): DatabaseSync | undefined {
  if (!existsSync(file)) return undefined
  const lock = new DatabaseSync(file, { readOnly: true, timeout: 0 })
  try {
    lock.exec('begin')
    lock.prepare('select 1 from sqlite_schema').all()
    return lock
  } catch {
    lock.close() // it is being removed
    return undefined
  }
}

/** Removes a generation unless somebody reads it. Returns whether it is gone. */
export function removeUnread(paths: DataPaths, generation: string): boolean {
  const file = leaseFile(paths, generation)
  if (!existsSync(file)) {
    removeGeneration(paths, generation)
    return true
  }
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    removeGeneration(paths, generation)
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5)
      return false
    throw error
  } finally {
    lock.close()
  }
}

/** Removes a generation whoever reads it: those who have it open keep what they see until they close it. */
export function removeGeneration(paths: DataPaths, generation: string): void {
  for (const part of partsOf(paths, generation)) rmSync(part, { force: true })
}
