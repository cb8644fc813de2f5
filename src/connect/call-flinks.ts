import { Agent } from 'undici'
import type { FlinksProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { guardedLookup, isLoopback, refuseInside } from './egress.ts'
import { type Received, receive } from './receive.ts'

/** Answers to what is asked outside of a run are small: a token, a question, a word that a login is gone. */
const maxAnswerBytes = 1024 * 1024
const connectTimeoutMs = 5_000

export interface Call {
  readonly method: 'POST' | 'DELETE'
  /** Below the base URL. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: object
  /** Ends the call after so many milliseconds, wherever it is. */
  readonly deadlineMs: number
}

const agents = new WeakMap<FlinksProvider, Agent>()

/** One for all calls of a provider; each has a connection of its own, because none may be sent twice. */
function agentOf(provider: FlinksProvider): Agent {
  const base = new URL(provider.baseUrl)
  if (!isLoopback(base)) refuseInside(base, provider)
  const known = agents.get(provider)
  if (known) return known
  const lookup = isLoopback(base) ? {} : { lookup: guardedLookup(provider) }
  const agent = new Agent({
    pipelining: 0,
    headersTimeout: 0, // the call's one deadline covers headers and body
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs, ...lookup },
  })
  agents.set(provider, agent)
  return agent
}

/**
 * One call of Flinks' native API outside of a run: to connect, to relaunch, to delete. Follows no redirect.
 * @throws FdxError `UNREACHABLE`, `BODY_TOO_LARGE`, `FOREIGN_ORIGIN` for a base URL that leads inside.
 */
export async function callFlinks(
  provider: FlinksProvider,
  { path, method, headers, body, deadlineMs }: Call,
): Promise<Pick<Received, 'status'> & { readonly text: string }> {
  const { status, body: bytes } = await receive({
    dispatcher: agentOf(provider),
    method,
    target: new URL(provider.baseUrl.replace(/\/+$/, '') + path),
    headers: {
      ...headers,
      'user-agent': 'fdx-etl',
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body ? JSON.stringify(body) : null,
    deadlineMs,
    maxBytes: maxAnswerBytes,
    tooLarge: () => new FdxError('BODY_TOO_LARGE', 'the answer of Flinks is too large to be one'),
  }).catch((cause: unknown) => {
    if (cause instanceof FdxError) throw cause
    throw new FdxError('UNREACHABLE', 'Flinks cannot be reached; try again later', { cause })
  })
  return { status, text: bytes.toString('utf8') }
}
