import type { Socket } from 'node:net'
import type { RoleLimits, SqlRole } from '../../../config/serve.ts'
import type { Audit } from '../audit.ts'
import type { Admission } from '../engine/admission.ts'
import { database, type Engine } from '../engine/engine.ts'
import { openCaller } from '../engine/query.ts'
import { PgError, protocolViolation } from '../pg-error.ts'
import type { Statement } from '../sql-text.ts'
import type { Reader } from '../wire/reader.ts'
import { fieldsOf } from '../wire/reader.ts'
import type { Writer } from '../wire/writer.ts'
import { type Done, executePortal, simpleQuery } from './execute.ts'
import { bindPortal, closeNamed, describe, parse } from './extended.ts'
import { close, closeOfTransaction } from './portals.ts'
import { milliseconds, openSettings } from './settings.ts'
import type { Session } from './state.ts'

/** What a session gets from the endpoint. */
export interface SessionTools {
  readonly limits: RoleLimits
  readonly admission: Admission
  readonly audit: Audit
  /** The generation to read now. @throws PgError 57P03 */
  readonly currentEngine: () => Promise<Engine>
  /** What a CancelRequest must know. */
  readonly secret: number
  /** Writes down a fault of this program, without the statement. */
  readonly fault: (error: unknown) => void
}

/** Who connected, and what they asked for. */
export interface LoggedIn {
  readonly user: string
  readonly role: SqlRole
  readonly pid: number
  readonly socket: Socket
  readonly reader: Reader
  readonly writer: Writer
  /** Parameters of the startup message. */
  readonly parameters: Readonly<Record<string, string>>
}

/** A session, as the endpoint sees it. */
export interface RunningSession {
  /** Stops the running statement: CancelRequest. */
  cancel(): void
  /** Ends the session: the server stops. */
  end(): void
  /** Resolves when the client has gone and everything is given back. */
  readonly done: Promise<void>
}

/** Serves one client until it goes (PostgreSQL 15, 55.2). */
export function runSession(client: LoggedIn, tools: SessionTools): RunningSession {
  const { socket, reader, writer } = client
  let stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let busy = false
  let gone = false

  const session = openSession(client, tools, () => stop.signal)
  for (const [name, value] of session.settings.reported()) writer.parameterStatus(name, value)
  writer.backendKeyData(client.pid, tools.secret)
  writer.ready('I')
  writer.flush()
  const abort = (reason: PgError) => {
    if (busy) stop.abort(reason)
  }
  socket.once('close', () => {
    gone = true
    abort(new PgError('57014', 'the client has gone'))
  })

  /** From the first message of a statement to ReadyForQuery. */
  const begin = () => {
    if (busy) return
    busy = true
    stop = new AbortController()
    if (gone) stop.abort(new PgError('57014', 'the client has gone'))
    const own = milliseconds(session.settings.get('statement_timeout') ?? '0')
    const limit = tools.limits.statementSeconds * 1_000
    timer = setTimeout(
      () => abort(new PgError('57014', 'canceling statement due to statement timeout')),
      own > 0 ? Math.min(own, limit) : limit,
    )
  }
  const ready = () => {
    busy = false
    clearTimeout(timer)
    writer.ready(session.status)
    writer.flush()
  }

  const note = (statement: Statement, started: number, done: Done, state: string) =>
    tools.audit({
      user: client.user,
      role: client.role,
      pid: client.pid,
      client: socket.remoteAddress ?? '',
      application: (session.settings.get('application_name') ?? '').slice(0, 64),
      words: statement.words,
      relations: done.relations,
      rows: done.rows,
      ms: Math.round(performance.now() - started),
      state,
    })
  const nothing: Done = { rows: 0, relations: [] }
  const stateOf = (error: unknown) => (error instanceof PgError ? error.state : 'XX000')
  const audited = async (statement: Statement, run: () => Promise<Done>) => {
    const started = performance.now()
    try {
      note(statement, started, await run(), '00000')
    } catch (error) {
      note(statement, started, nothing, stateOf(error))
      throw error
    }
  }
  /** What is refused before it could run was asked all the same. */
  const refused = (statement: Statement, error: unknown) =>
    note(statement, performance.now(), nothing, stateOf(error))

  /** Sends the error; in a transaction everything until its end fails from here on. */
  const report = (error: unknown): boolean => {
    const known = error instanceof PgError
    if (!known) tools.fault(error)
    const sent = known ? error : new PgError('XX000', 'the server failed on this statement')
    writer.error(sent)
    if (session.status === 'T') session.status = 'E'
    return sent.severity === 'FATAL'
  }

  /** Outside a transaction nothing outlives its statement but cursors WITH HOLD. */
  const endOfStatement = async (well: boolean) => {
    if (session.status === 'I') await closeOfTransaction(session, well ? 'commit' : 'rollback')
  }

  async function serve(): Promise<void> {
    let failed = false
    for (;;) {
      const message = await reader.message()
      if (message === null || message.type === 'X') return
      const { type, body } = message
      if (failed && type !== 'S') continue
      try {
        switch (type) {
          case 'Q': {
            begin()
            const fields = fieldsOf(body)
            const sql = fields.text()
            fields.end()
            await close(session, '')
            let well = false
            try {
              await simpleQuery(session, sql, audited)
              well = true
            } finally {
              await endOfStatement(well)
            }
            ready()
            break
          }
          case 'P':
            begin()
            await parse(session, body, refused)
            break
          case 'B':
            begin()
            await bindPortal(session, body)
            break
          case 'D':
            begin()
            await describe(session, body)
            break
          case 'E':
            begin()
            await executePortal(session, body, audited)
            break
          case 'C':
            await closeNamed(session, body)
            break
          case 'H':
            writer.flush()
            break
          case 'S':
            await endOfStatement(!failed)
            failed = false
            ready()
            break
          case 'F':
            throw new PgError('0A000', 'function calls are not supported')
          case 'd':
          case 'c':
          case 'f':
            break // left over from a COPY that has ended
          default:
            throw protocolViolation(`invalid frontend message type ${type.charCodeAt(0)}`)
        }
      } catch (error) {
        if (gone) return
        if (report(error)) return
        if (type === 'Q' || type === 'F') ready()
        else failed = true
        if (failed) writer.flush()
      }
    }
  }

  const done = serve()
    .catch((error: unknown) => {
      if (!gone) report(error)
    })
    .finally(async () => {
      clearTimeout(timer)
      for (const name of [...session.portals.keys()]) await close(session, name)
      session.pinned?.release()
      writer.flush()
      socket.end()
      setTimeout(() => socket.destroy(), 1_000).unref()
    })

  return {
    cancel: () => abort(new PgError('57014', 'canceling statement due to user request')),
    end() {
      abort(new PgError('57P01', 'terminating connection due to administrator command'))
      writer.error(
        new PgError('57P01', 'terminating connection due to administrator command', {
          severity: 'FATAL',
        }),
      )
      writer.flush()
      socket.end()
      setTimeout(() => socket.destroy(), 500).unref()
    },
    done,
  }
}

function openSession(client: LoggedIn, tools: SessionTools, abandon: () => AbortSignal): Session {
  const { user, role, pid, writer, parameters } = client
  let shown: Engine | undefined
  const initial = Object.fromEntries(
    Object.entries(parameters).filter(
      ([name]) =>
        !['user', 'database', 'options', 'replication'].includes(name) && !name.startsWith('_pq_'),
    ),
  )
  const computed = (name: string) => {
    if (name === 'warehouse.generation') return shown?.generation ?? ''
    if (name === 'warehouse.published_at') return shown?.publishedAt.toISOString() ?? ''
    return undefined
  }
  const settings = openSettings(
    { ...initial, ...startupOptions(parameters['options'] ?? ''), session_authorization: user },
    computed,
    (name, value) => writer.parameterStatus(name, value),
  )
  const session: Session = {
    pid,
    user,
    role,
    limits: tools.limits,
    writer,
    settings,
    statements: new Map(),
    portals: new Map(),
    rewriteSession: {
      user,
      database,
      backendPid: pid,
      ...(client.socket.remoteAddress === undefined
        ? {}
        : { clientAddress: client.socket.remoteAddress }),
      ...(client.socket.remotePort === undefined ? {} : { clientPort: client.socket.remotePort }),
      setting: (name) => settings.get(name),
      setConfig: (name, value, isLocal) => settings.set(name, value, isLocal),
      cursors: () =>
        [...session.portals.values()].flatMap(({ name, cursor }) =>
          cursor ? [{ name, statement: cursor.sql }] : [],
        ),
      preparedStatements: () =>
        [...session.statements].flatMap(([name, { sql }]) =>
          name === '' ? [] : [{ name, statement: sql }],
        ),
    },
    call: openCaller(tools.admission, () => shown, abandon),
    status: 'I',
    savepoints: [],
    pinned: undefined,
    async engine() {
      if (session.pinned === undefined) {
        const engine = await tools.currentEngine()
        session.pinned = { engine, release: engine.retain() }
      }
      shown = session.pinned.engine
      return shown
    },
    abandon,
  }
  return session
}

/** `-c name=value --name=value` of the startup parameter `options`; a backslash keeps a space. */
export function startupOptions(text: string): Record<string, string> {
  const words = [...text.matchAll(/(?:\\.|[^\s\\])+/g)].map(([word]) =>
    word.replace(/\\(.)/g, '$1'),
  )
  const settings: Record<string, string> = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const pair = word === '-c' ? words[++at] : (/^(?:-c|--)(.*)$/.exec(word)?.[1] ?? '')
    const found = /^([\w.-]+)=([\s\S]*)$/.exec(pair ?? '')
    if (found) settings[(found[1] ?? '').replaceAll('-', '_')] = found[2] ?? ''
  }
  return settings
}
