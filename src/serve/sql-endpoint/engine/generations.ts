import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { SqlRole, SqlSettings } from '../../../config/serve.ts'
import type { DataPaths } from '../../../config/settings.ts'
import { FdxError, safeError } from '../../../errors.ts'
import { currentName, generationFile } from '../../generation-files.ts'
import { type Lease, leaseCurrent } from '../../lease.ts'
import { readPolicy } from '../gate/policy.ts'
import { PgError } from '../pg-error.ts'
import { database, type Engine, openEngine } from './engine.ts'

/** The published generation, open for each role that asked, and followed as new ones appear. */
export interface Generations {
  /** The newest generation that is open for the role; opens it when it is the first. @throws PgError 57P03 */
  engine(role: SqlRole): Promise<Engine>
  close(): Promise<void>
}

const pollMs = 1_000

/**
 * @param users names of those who may log in, for `pg_roles`; read when a generation is opened
 * @param say told of each generation that is taken up, and why one could not be
 */
export function openGenerations(
  paths: DataPaths,
  roles: SqlSettings['roles'],
  users: () => readonly string[],
  say: (text: string) => void,
): Generations {
  const engines = new Map<SqlRole, Engine>()
  const opening = new Map<SqlRole, Promise<Engine>>()
  let closed = false
  let failed = ''

  async function openFor(role: SqlRole): Promise<Engine> {
    const masked = role !== 'owner' && (await hasOwnFile(paths, role))
    const lease = await leaseCurrent(paths, masked ? role : 'owner')
    const engine = await openLeased(role, lease, masked).catch((error: unknown) => {
      lease[Symbol.dispose]()
      throw error
    })
    engines.get(role)?.retire()
    engines.set(role, engine)
    if (closed) engine.retire()
    return engine
  }

  const openLeased = async (role: SqlRole, lease: Lease, masked: boolean) =>
    openEngine({
      file: lease.file,
      held: lease,
      generation: lease.generation.replace(/\.duckdb$/, ''),
      publishedAt: (await stat(lease.file)).mtime,
      role,
      roles: ['owner', 'analyst', ...users()],
      memory: roles[role].memory,
      threads: availableParallelism(),
      scratch: paths.sqlScratch,
      policyOf: (connection) => readPolicy(connection, { role, database, masked }),
    })

  /** One at a time for each role; whoever asks meanwhile waits for the same. */
  function take(role: SqlRole): Promise<Engine> {
    const already = opening.get(role)
    if (already) return already
    const taken = openFor(role).finally(() => opening.delete(role))
    opening.set(role, taken)
    return taken
  }

  async function follow(): Promise<void> {
    const generation = await currentName(paths)
    for (const [role, engine] of [...engines]) {
      if (engine.generation === generation.replace(/\.duckdb$/, '') && !engine.broken) continue
      await take(role)
      say(`${role}: generation ${generation.replace(/\.duckdb$/, '')}`)
    }
    failed = ''
  }

  let following = false
  const timer = setInterval(() => {
    if (following) return
    following = true
    follow()
      .catch((error: unknown) => {
        // Readers keep the generation they have; it is tried again in a second.
        const text =
          error instanceof FdxError ? error.message : 'the new generation could not be opened yet'
        if (text !== failed) say(text)
        failed = text
      })
      .finally(() => {
        following = false
      })
  }, pollMs)
  timer.unref()

  return {
    async engine(role) {
      const open = engines.get(role)
      if (open !== undefined && !open.broken) return open
      try {
        return await take(role)
      } catch (error) {
        if (error instanceof PgError) throw error
        say(`generation for ${role}: ${safeError(error)}`)
        throw new PgError(
          '57P03',
          error instanceof FdxError
            ? error.message
            : 'the warehouse cannot be opened at the moment; try again',
        )
      }
    },
    async close() {
      closed = true
      clearInterval(timer)
      await Promise.allSettled(opening.values())
      for (const engine of engines.values()) engine.retire()
    },
  }
}

/** A restricted role reads the file that was made for it, where there is one. */
const hasOwnFile = async (paths: DataPaths, role: SqlRole) =>
  existsSync(generationFile(paths, await currentName(paths), role))
