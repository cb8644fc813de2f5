import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type SqlRole, type SqlSettings, sqlRoles } from '../config/serve.ts'
import type { DataPaths } from '../config/settings.ts'
import { keepChild } from './child.ts'
import type { PgAddress } from './console/pg-reader.ts'
import { addSqlMetrics } from './metrics/sql.ts'
import { makeVerifier } from './sql-endpoint/auth/scram.ts'
import type { SqlUser } from './sql-endpoint/auth/users.ts'
import type { SqlCounters } from './sql-endpoint/endpoint.ts'
import { sqlTls } from './sql-endpoint/tls-files.ts'

export interface SqlPartOptions {
  readonly paths: DataPaths
  readonly settings: SqlSettings
  readonly signal: AbortSignal
  readonly log: Logger
  readonly registry: Registry
}

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

/** The SQL endpoint as a child process, and how this process logs in to it. */
export interface SqlPart extends AsyncDisposable {
  address(): SqlReady | undefined
  isReady(): boolean
  /** How this process logs in: with passwords of chance, new at each start, which never leave it. */
  logins(): { readonly masked: PgAddress; readonly unmasked: PgAddress }
}

/** Beside what DuckDB may use for queries: Node, results on their way out, and what DuckDB does not count. */
const headroomBytes = 1024 * 1024 * 1024

export async function openSqlPart(options: SqlPartOptions): Promise<SqlPart> {
  const { paths, settings, signal, log, registry } = options
  const users = sqlRoles.map((role) => ({
    name: `fdx_console_${role}`,
    role,
    password: randomBytes(24).toString('base64url'),
  }))
  const verified = users.map(({ name, role, password }) => ({
    ...{ name, role },
    verifier: makeVerifier(password),
  }))
  const child = await keepChild<SqlReady>({
    module: join(import.meta.dirname, 'sql-child.ts'),
    // A free port that was taken at the first start is taken again: clients come back to it.
    start: (before) =>
      ({
        paths,
        settings: { ...settings, port: before?.port ?? settings.port },
        users: verified,
      }) satisfies SqlStart,
    env: childEnvironment(),
    memoryBytes:
      bytesOf(settings.roles.analyst.memory) + bytesOf(settings.roles.owner.memory) + headroomBytes,
    signal,
    log: {
      started: (pid) => log.info({ pid }, 'SQL endpoint started'),
      died: (how, waitMs) => log.error({ how, waitMs }, 'SQL endpoint died; it is started again'),
    },
  })
  const login = (role: SqlRole): PgAddress => {
    const own = users.find((user) => user.role === role)
    const host = settings.host === '::1' ? '::1' : '127.0.0.1'
    const { port } = child.ready() ?? settings
    const ssl = ownCertificate(settings)
    const { name: user = '', password = '' } = own ?? {}
    return { host, port, database: 'warehouse', user, password, ...(ssl && { ssl }) }
  }
  addSqlMetrics(registry, {
    counters: async () => (await child.ask('counters')) as SqlCounters | undefined,
    restarts: child.restarts,
  })
  return {
    address: child.ready,
    isReady: () => child.ready() !== undefined,
    logins: () => ({ masked: login('analyst'), unmasked: login('owner') }),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}

/** Over TLS this process trusts that very certificate and asks for no name: it connects to its own machine. */
function ownCertificate(settings: SqlSettings): PgAddress['ssl'] {
  const tls = sqlTls(settings)
  return tls === null
    ? undefined
    : { ca: tls.cert, allowPartialTrustChain: true, checkServerIdentity: () => undefined }
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
