import type * as oc from 'openid-client'
import { Agent, fetch, Headers, Response } from 'undici'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { noteDate } from './clock-skew.ts'
import { providerTls } from './provider-keys.ts'

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

const agents = new WeakMap<FdxProvider, Agent>()

/**
 * Each token request has a connection of its own: on a kept-alive one a request may fail after the server
 * has processed it (facts/reliability-security.md 2.2).
 */
function agentOf(provider: FdxProvider): Agent {
  const known = agents.get(provider)
  if (known) return known
  const agent = new Agent({
    pipelining: 0,
    allowH2: false,
    // openid-client's one deadline covers headers and body.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 5_000, minVersion: 'TLSv1.2', ...providerTls(provider) },
  })
  agents.set(provider, agent)
  return agent
}

/** One request to an authorization server, as the provider's settings want it. Follows no redirect. */
export function oauthFetch(
  provider: FdxProvider,
  url: string,
  options: { method: string; headers: Record<string, string>; body?: string; signal?: AbortSignal },
) {
  return fetch(url, {
    ...options,
    headers: { ...options.headers, 'user-agent': 'fdx-etl' },
    redirect: 'manual',
    dispatcher: agentOf(provider),
  })
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
    const answer = await oauthFetch(provider, url, {
      method: options.method,
      headers,
      ...(typeof body === 'string' && { body }),
      ...(options.signal && { signal: options.signal }),
    })
    noteDate(provider, answer.headers.get('date'), Date.now())
    const { bytes, failure } = await readCapped(answer.body)
    if (isToken && answer.ok && bytes.length > 0) await hooks.onAnswer?.(bytes)
    if (failure !== undefined) throw failure
    const kept = new Headers()
    for (const [name, value] of answer.headers)
      if (name !== 'content-encoding' && name !== 'content-length') kept.append(name, value)
    const empty = answer.status === 204 || answer.status === 304
    const text = isToken && answer.ok ? withoutBlankMembers(bytes) : bytes
    return new Response(empty ? null : text, {
      status: answer.status,
      headers: kept,
    }) as unknown as globalThis.Response
  }
}

/** What arrived, and why it ended, if it did not end well. A torn answer may still hold a token. */
async function readCapped(body: AsyncIterable<Uint8Array> | null) {
  const parts: Uint8Array[] = []
  let length = 0
  let failure: unknown
  try {
    for await (const part of body ?? []) {
      length += part.length
      if (length > answerBytes) throw new FdxError('BODY_TOO_LARGE', 'a token answer is too large')
      parts.push(part)
    }
  } catch (error) {
    failure = error
  }
  return { bytes: Buffer.concat(parts), failure }
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
