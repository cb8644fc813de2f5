import type * as oc from 'openid-client'
import { Headers, Pool, Response } from 'undici'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { noteDate } from './clock-skew.ts'
import { decoded } from './decode.ts'
import { providerTls } from './provider-keys.ts'
import { receiveTorn, type Torn } from './receive.ts'

/** A token answer is small; anything larger is no token answer. */
const answerBytes = 64 * 1024
const patientSeconds = 20

export interface OauthHooks {
  /** Is given the bytes of every 2xx token answer, whole or as far as they came, before they are judged. */
  onAnswer?(bytes: Buffer): Promise<void>
}

/**
 * Deadline of one whole token request. A server that repeats its answer for a while is asked again inside
 * that while; elsewhere patience is better, because a request that is given up may yet be processed.
 */
export const tokenDeadlineSeconds = ({ oauth }: FdxProvider): number =>
  oauth.timeoutSeconds ??
  (oauth.refresh.reuse === 'tolerates'
    ? Math.min(patientSeconds, Math.max(3, oauth.refresh.graceSeconds - 2))
    : patientSeconds)

const pools = new WeakMap<FdxProvider, Map<string, Pool>>()

/**
 * Each token request has a connection of its own: on a kept-alive one a request may fail after the server
 * has processed it (facts/reliability-security.md 2.2). An `Agent` would make a pool for each one, too.
 */
function poolOf(provider: FdxProvider, origin: string): Pool {
  const known = pools.get(provider) ?? new Map<string, Pool>()
  pools.set(provider, known)
  const pool =
    known.get(origin) ??
    new Pool(origin, {
      pipelining: 0,
      allowH2: false,
      // One deadline covers headers and body.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 5_000, minVersion: 'TLSv1.2', ...providerTls(provider) },
    })
  known.set(origin, pool)
  return pool
}

export interface OauthRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal?: AbortSignal
}

/**
 * One request to an authorization server, as the provider's settings want it. Follows no redirect and throws
 * nothing: a torn answer may still hold a token. The body is decoded, as far as it came.
 */
export async function oauthRequest(
  provider: FdxProvider,
  url: string,
  { method, headers, body, signal }: OauthRequest,
): Promise<Torn> {
  const target = new URL(url)
  const what = 'a token answer'
  const tooLarge = () => new FdxError('BODY_TOO_LARGE', `${what} is too large`)
  const received = await receiveTorn({
    dispatcher: poolOf(provider, target.origin),
    method,
    target,
    headers: { ...headers, 'user-agent': 'fdx-etl' },
    body: body ?? null,
    deadlineMs: tokenDeadlineSeconds(provider) * 1_000,
    signal,
    maxBytes: answerBytes,
    tooLarge,
  })
  try {
    const encoding = String(received.headers['content-encoding'] ?? '')
    const limits = { what, maxBytes: answerBytes, tooLarge, torn: true }
    return { ...received, body: await decoded(received.body, encoding, limits) }
  } catch (error) {
    return { ...received, body: Buffer.alloc(0), failure: received.failure ?? error ?? what }
  }
}

/** openid-client's way out: form or JSON bodies, a size cap, the answer journalled before it is judged. */
export function tokenTransport(provider: FdxProvider, hooks: OauthHooks): oc.CustomFetch {
  return async (url, options) => {
    const headers: Record<string, string> = { ...options.headers }
    const form = options.body instanceof URLSearchParams ? options.body : undefined
    const isToken = form?.has('grant_type') ?? false
    let body = form === undefined ? (options.body as string | null | undefined) : form.toString()
    if (isToken && form && provider.oauth.tokenBody === 'json') {
      headers['content-type'] = 'application/json'
      body = JSON.stringify(Object.fromEntries(form))
    }
    const answer = await oauthRequest(provider, url, {
      method: options.method as OauthRequest['method'],
      headers,
      ...(typeof body === 'string' && { body }),
      ...(options.signal && { signal: options.signal }),
    })
    const { status, body: bytes, failure } = answer
    const kept = new Headers()
    for (const [name, value] of Object.entries(answer.headers))
      if (name !== 'content-encoding' && name !== 'content-length')
        for (const one of [value ?? []].flat()) kept.append(name, one)
    noteDate(provider, kept.get('date'), Date.now())
    const isGranted = isToken && status >= 200 && status < 300
    if (isGranted && bytes.length > 0) await hooks.onAnswer?.(bytes)
    if (failure !== undefined) throw failure
    const empty = status === 204 || status === 304
    const text = isGranted ? withoutBlankMembers(bytes) : bytes
    return new Response(empty ? null : text, {
      status,
      headers: kept,
    }) as unknown as globalThis.Response
  }
}

/** Some servers send `refresh_token: null` or `""` for "unchanged", which openid-client refuses. */
function withoutBlankMembers(bytes: Buffer): Buffer {
  try {
    const members = Object.entries(JSON.parse(bytes.toString('utf8')))
    return Buffer.from(
      JSON.stringify(Object.fromEntries(members.filter(([, v]) => v !== null && v !== ''))),
    )
  } catch {
    return bytes
  }
}
