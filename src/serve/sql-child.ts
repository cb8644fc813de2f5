/**
 * The SQL endpoint as a process of its own: `fdx serve` and `fdx sql` start it, tell it everything over IPC, and start it
 * again when it dies. It ends with its parent.
 */
import { pino } from 'pino'
import { cutOffAfter, longestSqlStopMs } from '../cut-off.ts'
import { FdxError, safeError } from '../errors.ts'
import type { FromChild, ToChild } from './child.ts'
import type { SqlReady, SqlStart } from './keep-sql.ts'
import { watchUsers } from './sql-endpoint/auth/users.ts'
import { type SqlEndpoint, startSqlEndpoint } from './sql-endpoint/endpoint.ts'
import { sqlTls } from './sql-endpoint/tls-files.ts'

process.umask(0o077)
const log = pino(
  {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  },
  pino.destination({ fd: 2, sync: true }),
)
const stop = new AbortController()
const end = () => stop.abort()
process.on('SIGTERM', end).on('SIGINT', end).on('disconnect', end)
cutOffAfter(stop.signal, longestSqlStopMs)
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    log.error({ error: safeError(error) }, 'SQL endpoint: a fault of its own')
    process.exit(1)
  })

let endpoint: SqlEndpoint | undefined
process.on('message', (message: ToChild) => {
  if ('start' in message) void start(message.start as SqlStart)
  else if (message.question === 'alive') say({ answer: message.id, value: true })
  else if (message.question === 'counters') say({ answer: message.id, value: endpoint?.counters() })
})

async function start({ paths, settings, users: own }: SqlStart): Promise<void> {
  try {
    const others = watchUsers(paths, (error) =>
      log.error(
        { error: safeError(error) },
        'SQL users could not be read; the last that were hold',
      ),
    )
    endpoint = await startSqlEndpoint({
      paths,
      host: settings.host,
      port: settings.port,
      tls: sqlTls(settings),
      tlsRequired: settings.tls?.required ?? true,
      users: () => [...own, ...others()],
      limits: settings,
      log: (text) => log.info(text),
      signal: stop.signal,
    })
    say({ ready: { host: settings.host, port: endpoint.port } })
    stop.signal.addEventListener('abort', () => void endpoint?.close().finally(leave))
    if (stop.signal.aborted) void endpoint.close().finally(leave)
  } catch (error) {
    const code = error instanceof FdxError ? error.code : 'FAULT'
    say({ failed: { code, message: error instanceof FdxError ? error.message : safeError(error) } })
    process.exitCode = 1
    leave()
  }
}

function say(message: FromChild<SqlReady>): void {
  if (process.connected) process.send?.(message)
}

/** Without the channel to its parent nothing holds it any more. */
function leave(): void {
  if (process.connected) process.disconnect()
}
