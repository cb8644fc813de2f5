import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { SqlRole, SqlSettings } from '../../config/serve.ts'
import type { DataPaths } from '../../config/settings.ts'
import { FdxError, safeError } from '../../errors.ts'
import { type Audit, openAudit } from './audit.ts'
import { openThrottle } from './auth/throttle.ts'
import type { SqlUser } from './auth/users.ts'
import { openAdmission } from './engine/admission.ts'
import { openGenerations } from './engine/generations.ts'
import { fatal, PgError } from './pg-error.ts'
import { type RunningSession, runSession } from './session/session.ts'
import { type Startup, startup, type Tls } from './startup.ts'
import { openWriter, type Writer } from './wire/writer.ts'

export interface SqlEndpointOptions {
  readonly paths: DataPaths
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly tls: Tls | null
  /** With `tls`: whether connections without are refused. Default true. */
  readonly tlsRequired?: boolean
  /** Asked at each log-in, so that users come and go without a restart. */
  readonly users: () => readonly SqlUser[]
  readonly limits: Pick<
    SqlSettings,
    'connections' | 'handshakeSeconds' | 'queueSeconds' | 'auditDays' | 'roles'
  >
  /** One line for people; never a statement or a value. */
  readonly log: (text: string) => void
  /** Ends the endpoint, as `close` does. */
  readonly signal: AbortSignal
}

/** Counted since the start. */
export interface SqlCounters {
  /** Sessions that are open now, by role. */
  readonly sessions: Readonly<Record<string, number>>
  /** Statements that have ended, by role. */
  readonly queries: Readonly<Record<string, number>>
  /** Those that ended in an error, by SQLSTATE. */
  readonly errors: Readonly<Record<string, number>>
  /** Calls into DuckDB that are under way now. */
  readonly running: number
}

export interface SqlEndpoint {
  readonly port: number
  counters(): SqlCounters
  /** Ends all sessions (57P01) and everything that is open. */
  close(): Promise<void>
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * Serves the published generation by PostgreSQL's wire protocol, read-only: one process, a session for each connection.
 * @throws FdxError `CONFIG_INVALID` for an address that others can reach without TLS, or a port that is taken.
 */
export async function startSqlEndpoint(options: SqlEndpointOptions): Promise<SqlEndpoint> {
  const { paths, host, tls, limits, log } = options
  if (!loopback.has(host) && (tls === null || options.tlsRequired === false))
    throw new FdxError(
      'CONFIG_INVALID',
      `sql.host ${host} can be reached by others: set sql.tls with a certificate, and leave it required`,
    )
  const fault = (error: unknown) => log(`a fault of its own: ${safeError(error)}`)
  const admission = openAdmission(limits.queueSeconds * 1_000)
  const audit = openAudit(paths, limits.auditDays, Date.now, fault)
  const generations = openGenerations(
    paths,
    limits.roles,
    () => options.users().map(({ name }) => name),
    log,
  )
  const throttle = openThrottle()
  const sessions = new Map<number, { readonly secret: number; readonly running: RunningSession }>()
  const open = new Set<Socket>()
  const byRole: Record<SqlRole, number> = { analyst: 0, owner: 0 }
  const queries: Record<string, number> = {}
  const errors: Record<string, number> = {}
  const note: Audit = (entry) => {
    audit.note(entry)
    queries[entry.role] = (queries[entry.role] ?? 0) + 1
    if (entry.state !== '00000') errors[entry.state] = (errors[entry.state] ?? 0) + 1
  }

  async function serve(plain: Socket): Promise<void> {
    let socket = plain
    let writer = openWriter(plain)
    const late = setTimeout(() => socket.destroy(), limits.handshakeSeconds * 1_000)
    try {
      const started = await startup(
        plain,
        {
          tls,
          tlsRequired: tls !== null && options.tlsRequired !== false,
          users: options.users,
          throttle,
        },
        (next, nextWriter) => {
          socket = next
          writer = nextWriter
        },
      )
      clearTimeout(late)
      if (started === null) return void socket.destroy()
      if (started.kind === 'cancel') {
        // The key is all that is needed; the answer is always the same: none.
        const found = sessions.get(started.pid)
        if (found?.secret === started.secret) found.running.cancel()
        return void socket.end()
      }
      await session(started)
    } catch (error) {
      clearTimeout(late)
      if (!(error instanceof PgError)) fault(error)
      refuse(writer, socket, error)
    }
  }

  async function session({ socket, reader, writer, user, parameters }: Startup): Promise<void> {
    const { role } = user
    if (byRole[role] >= limits.roles[role].connections)
      throw fatal('53300', `too many connections for role "${role}"`)
    byRole[role]++
    const pid = freePid(sessions)
    try {
      const secret = randomInt(-0x80000000, 0x7fffffff)
      // The first of a role waits here for the generation to open, not in its first query.
      await generations.engine(role)
      const running = runSession(
        { user: user.name, role, pid, socket, reader, writer, parameters },
        {
          limits: limits.roles[role],
          admission,
          audit: note,
          currentEngine: () => generations.engine(role),
          fault,
          secret,
        },
      )
      sessions.set(pid, { secret, running })
      await running.done
    } finally {
      sessions.delete(pid)
      byRole[role]--
    }
  }

  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    socket.on('error', () => {}) // its close is what counts
    if (open.size >= limits.connections) {
      refuse(openWriter(socket), socket, fatal('53300', 'sorry, too many clients already'))
      return
    }
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    serve(socket).catch(fault)
  })
  server.listen(options.port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new FdxError(
      'CONFIG_INVALID',
      `cannot listen on ${host}:${options.port}; is another program using it? Set sql.port in pipelines/serve/serve.yaml`,
      { cause: error },
    )
  }
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      server.close()
      for (const { running } of sessions.values()) running.end()
      await Promise.allSettled([...sessions.values()].map(({ running }) => running.done))
      for (const socket of open) socket.destroy()
      await generations.close()
      await audit.close()
    })()
    return closing
  }
  options.signal.addEventListener('abort', () => void close().catch(fault))
  return {
    port,
    counters: () => ({ sessions: byRole, queries, errors, running: admission.running() }),
    close,
  }
}

function refuse(writer: Writer, socket: Socket, error: unknown): void {
  const told =
    error instanceof PgError ? error : fatal('XX000', 'the server failed on this connection')
  writer.error(told.severity === 'FATAL' ? told : fatal(told.state, told.message))
  writer.flush()
  socket.end()
  setTimeout(() => socket.destroy(), 1_000).unref()
}

/** Process ids of clients are ours to choose. */
function freePid(taken: ReadonlyMap<number, unknown>): number {
  for (;;) {
    const pid = randomInt(1, 0x7fffffff)
    if (!taken.has(pid)) return pid
  }
}
