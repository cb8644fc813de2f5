import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type SqlRole, type SqlSettings, sqlRoles } from '../config/serve.ts'
import type { DataPaths } from '../config/settings.ts'
import type { PgAddress } from './console/pg-reader.ts'
import { keepSqlChild, type SqlReady } from './keep-sql.ts'
import { addSqlMetrics } from './metrics/sql.ts'
import { makeVerifier } from './sql-endpoint/auth/scram.ts'
import type { SqlCounters } from './sql-endpoint/endpoint.ts'
import { sqlTls } from './sql-endpoint/tls-files.ts'

export interface SqlPartOptions {
  readonly paths: DataPaths
  readonly settings: SqlSettings
  readonly signal: AbortSignal
  readonly log: Logger
  readonly registry: Registry
}

/** The SQL endpoint as a child process, and how this process logs in to it. */
export interface SqlPart extends AsyncDisposable {
  address(): SqlReady | undefined
  isReady(): boolean
  /** How this process logs in: with passwords of chance, new at each start, which never leave it. */
  logins(): { readonly masked: PgAddress; readonly unmasked: PgAddress }
}

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
  const child = await keepSqlChild({ paths, settings, users: verified }, signal, {
    started: (pid) => log.info({ pid }, 'SQL endpoint started'),
    died: (how, waitMs) => log.error({ how, waitMs }, 'SQL endpoint died; it is started again'),
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
