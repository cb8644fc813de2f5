import type { Pipeline } from '../config/pipeline.ts'
import type { Provider } from '../config/provider.ts'
import type { Credentials } from '../connect/credentials.ts'
import { type Code, FdxError, safeError, verdicts } from '../errors.ts'
import {
  type Connection,
  getConnection,
  isEnded,
  setConnectionState,
  setLastGood,
} from '../state/connections.ts'
import { diskError } from '../state/disk.ts'
import { addRunIssue, getRunConnection, type Outcome, saveRunConnection } from '../state/runs.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { type Extraction, type Land, type Notice, notices } from './extraction.ts'
import { failedRequest } from './failed-request.ts'
import { extractFdx } from './fdx/extract.ts'
import { extractFlinks } from './flinks/extract.ts'
import { type Meter, newMeter } from './meter.ts'
import type { SharedPace } from './pace.ts'
import { openSession } from './session.ts'

export interface Progress extends Readonly<Meter> {
  readonly connectionId: string
}

export interface ExtractOptions {
  readonly provider: Provider
  readonly pipeline: Pipeline
  readonly connection: Connection
  /** A run that `startRun` has written. */
  readonly runId: string
  /** What opens the connection's data; what it throws is this connection's failure. */
  readonly credentials: () => Promise<Credentials>
  readonly state: State
  readonly land: Land
  /** Folder for files that are kept beside the pages; each connection has its own in it. */
  readonly files: string
  /** Shared by all connections of this provider. */
  readonly pace: SharedPace
  readonly world: World
  readonly signal: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

export interface ConnectionReport extends Readonly<Meter> {
  readonly connectionId: string
  readonly status: Exclude<Outcome, 'running'>
  /** Why it is not `ok`; of several parts that are missing, the first. Empty when it is. */
  readonly code: Code | Notice | ''
  readonly message: string
}

/**
 * Reads one connection and lands what it gives. Every way in which a provider can misbehave ends in a named
 * state of this connection, written to `run_connections`, `run_issues` and the connection itself, and so does
 * a mistake of our own (`FAULT`). Only what concerns every connection is thrown, after it has been recorded.
 * @throws FdxError `DISK_FULL`.
 */
export async function extractConnection(options: ExtractOptions): Promise<ConnectionReport> {
  const { connection, runId, state, world } = options
  // A run that was cut off goes on counting where it was.
  const earlier = getRunConnection(state, runId, connection.id)
  const meter = newMeter(earlier)
  const startedAt = earlier?.started_at ?? new Date(world.now()).toISOString()
  let gap: Gap | undefined
  const record = (
    status: Outcome,
    code: string,
    message: string,
    endedAt: string | null,
    failure?: unknown,
  ) =>
    saveRunConnection(state, {
      run_id: runId,
      connection_id: connection.id,
      status,
      code,
      message,
      ...meter,
      ...(failure instanceof FdxError && failedRequest(failure)),
      started_at: startedAt,
      ended_at: endedAt,
    })
  await state.durably(() => record('running', '', '', null))

  const extraction: Omit<Extraction, 'session' | 'loginId'> = {
    ...options,
    meter,
    issue(stream, code, message, facts = {}) {
      const at = { run_id: runId, connection_id: connection.id, stream }
      addRunIssue(state, { ...at, code, message, ...failedRequest({ facts }) })
      if (leavesGap(code)) gap ??= { code, message }
    },
    progress: () => options.onProgress?.({ connectionId: connection.id, ...meter }),
  }
  let failure: unknown
  try {
    const credentials = await options.credentials()
    const session = openSession({ ...options, credentials, meter })
    await extractProtocol({ ...extraction, session, loginId: credentials.loginId })
  } catch (error) {
    failure = diskError(error)
  }

  const endedAt = new Date(world.now()).toISOString()
  const end = ending(failure, gap)
  try {
    await state.durably(() => {
      record(end.status, end.code, end.message, endedAt, failure)
      settleConnection(state, connection, end, endedAt)
    })
  } catch (error) {
    // The disk that is full holds the records too; the first failure says more.
    throw failure ?? diskError(error)
  }
  if (failure instanceof FdxError && failure.code === 'DISK_FULL') throw failure
  return { connectionId: connection.id, ...end, ...meter }
}

function extractProtocol(extraction: Extraction): Promise<void> {
  const { provider } = extraction
  return provider.protocol === 'fdx'
    ? extractFdx({ ...extraction, provider })
    : extractFlinks({ ...extraction, provider })
}

type Gap = Pick<ConnectionReport, 'code' | 'message'>
type Ending = Pick<ConnectionReport, 'status' | 'code' | 'message'>

function ending(failure: unknown, gap: Gap | undefined): Ending {
  if (failure === undefined)
    return gap ? { status: 'partial', ...gap } : { status: 'ok', code: '', message: '' }
  if (!(failure instanceof FdxError))
    return {
      status: 'failed',
      code: 'FAULT',
      message: `a fault of its own: ${safeError(failure)}`,
    }
  const { code, message } = failure
  if (code === 'STOPPED') return { status: 'stopped', code, message }
  if (failure.verdict === 'reauth') return { status: 'reauth', code, message }
  if (failure.verdict === 'mfa') return { status: 'needs_mfa', code, message }
  return { status: 'failed', code, message }
}

function settleConnection(state: State, started: Connection, end: Ending, at: string): void {
  const { id, updated_at } = started
  const now = getConnection(state, id)
  if (now === undefined || isEnded(now)) return
  if (end.status === 'ok') setLastGood(state, id, at)
  // Flagged by the token manager, or connected again, while this was running: that is the newer word.
  if (now.updated_at !== updated_at) return
  if (end.status === 'reauth' || end.status === 'needs_mfa')
    setConnectionState(state, id, end.status, end.message, at)
  else if (end.status === 'ok' && now.state !== 'active')
    setConnectionState(state, id, 'active', '', at)
}

function leavesGap(code: Parameters<Extraction['issue']>[1]): boolean {
  return code in notices ? notices[code as keyof typeof notices] : verdicts[code as Code] !== 'skip'
}
