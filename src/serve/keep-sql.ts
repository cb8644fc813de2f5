import { join } from 'node:path'
import type { SqlSettings } from '../config/serve.ts'
import type { DataPaths } from '../config/settings.ts'
import { type Child, type ChildLog, keepChild } from './child.ts'
import type { SqlUser } from './sql-endpoint/auth/users.ts'

/** What the child says when it listens. */
export interface SqlReady {
  readonly host: string
  readonly port: number
}

/** What the child is told first. */
export interface SqlStart {
  readonly paths: DataPaths
  readonly settings: SqlSettings
  /** This process's own users, beside those of the users' file. */
  readonly users: readonly SqlUser[]
}

/** Beside what DuckDB may use for queries: Node, results on their way out, and what DuckDB does not count. */
const headroomBytes = 1024 * 1024 * 1024

/**
 * Keeps the SQL endpoint alive, as a child whose memory the system limits to what the roles may use together and some more.
 * @throws FdxError why it cannot start
 */
export function keepSqlChild(
  start: SqlStart,
  signal: AbortSignal,
  log: ChildLog,
): Promise<Child<SqlReady>> {
  const { settings } = start
  const { analyst, owner } = settings.roles
  return keepChild<SqlReady>({
    module: join(import.meta.dirname, 'sql-child.ts'),
    // A free port that was taken at the first start is taken again: clients come back to it.
    start: (before) => ({
      ...start,
      settings: { ...settings, port: before?.port ?? settings.port },
    }),
    env: childEnvironment(),
    memoryBytes: bytesOf(analyst.memory) + bytesOf(owner.memory) + headroomBytes,
    signal,
    log,
  })
}

/** Nothing of ours but what a program needs to run: no keys, no secrets. The pool: one thread a query, and files. */
function childEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_COMPILE_CACHE']
  return {
    UV_THREADPOOL_SIZE: '32',
    ...Object.fromEntries(
      kept.flatMap((name) => {
        const value = process.env[name]
        return value === undefined ? [] : [[name, value]]
      }),
    ),
  }
}

const units = { MB: 1024 ** 2, GB: 1024 ** 3 } as const

/** `512MB` or `4GB`, as the settings have it. */
function bytesOf(size: string): number {
  const unit = size.slice(-2) as keyof typeof units
  return Number(size.slice(0, -2)) * units[unit]
}
