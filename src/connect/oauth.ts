import * as oc from 'openid-client'
import { Agent, fetch, Headers, Response } from 'undici'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'

/** A token answer is small; anything larger is no token answer. */
const answerBytes = 64 * 1024
const timeoutSeconds = 20

/**
 * Each token request has a connection of its own: on a kept-alive one a request may fail after the server
 * has processed it (facts/reliability-security.md 2.2).
 */
const agent = new Agent({
  pipelining: 0,
  allowH2: false,
  headersTimeout: timeoutSeconds * 1000,
  bodyTimeout: 10_000,
  connect: { timeout: 5_000, minVersion: 'TLSv1.2' },
})

export interface OauthHooks {
  /** Is given the bytes of every 2xx token answer, whole or as far as they came, before they are judged. */
  onAnswer?(bytes: Buffer): Promise<void>
}

/**
 * openid-client's configuration for a provider: static endpoints or discovery, client authentication, our
 * transport. Made anew for each request, because the journal hook belongs to one request.
 * @throws FdxError `CONFIG_INVALID` when an endpoint is missing, `UNREACHABLE` when discovery fails.
 */
export async function oauthConfiguration(
  provider: FdxProvider,
  hooks: OauthHooks = {},
): Promise<oc.Configuration> {
  const { oauth } = provider
  const authentication =
    oauth.clientAuth === 'client_secret_basic'
      ? oc.ClientSecretBasic(oauth.clientSecret)
      : oc.ClientSecretPost(oauth.clientSecret)
  const issuer = oauth.issuer ?? new URL(oauth.tokenEndpoint ?? provider.baseUrl).origin
  const plain = new URL(issuer).protocol === 'http:' // config allows it for loopback only
  const transport = transportFor(provider, hooks)
  if (oauth.discovery) {
    if (oauth.issuer === undefined) throw missing(provider, 'issuer')
    const options = {
      algorithm: 'oauth2' as const,
      timeout: timeoutSeconds,
      [oc.customFetch]: transport,
      execute: plain ? [oc.allowInsecureRequests] : [],
    }
    try {
      return await oc.discovery(
        new URL(oauth.issuer),
        oauth.clientId,
        undefined,
        authentication,
        options,
      )
    } catch (cause) {
      throw new FdxError('UNREACHABLE', `the authorization server’s metadata cannot be read`, {
        facts: { provider: provider.name },
        cause,
      })
    }
  }
  if (oauth.tokenEndpoint === undefined) throw missing(provider, 'tokenEndpoint')
  const metadata: oc.ServerMetadata = {
    issuer,
    token_endpoint: oauth.tokenEndpoint,
    ...(oauth.authorizationEndpoint && { authorization_endpoint: oauth.authorizationEndpoint }),
    ...(oauth.revocationEndpoint && { revocation_endpoint: oauth.revocationEndpoint }),
  }
  const configuration = new oc.Configuration(metadata, oauth.clientId, undefined, authentication)
  configuration.timeout = timeoutSeconds
  configuration[oc.customFetch] = transport
  if (plain) oc.allowInsecureRequests(configuration)
  return configuration
}

const missing = (provider: FdxProvider, setting: string) =>
  new FdxError('CONFIG_INVALID', `provider ${provider.name}: oauth.${setting} is missing`)

function transportFor(provider: FdxProvider, hooks: OauthHooks): oc.CustomFetch {
  return async (url, options) => {
    const headers: Record<string, string> = { ...options.headers, 'user-agent': 'fdx-etl' }
    let body = options.body === null ? undefined : options.body
    const isToken = body instanceof URLSearchParams && body.has('grant_type')
    if (isToken && provider.oauth.tokenBody === 'json') {
      headers['content-type'] = 'application/json'
      body = JSON.stringify(Object.fromEntries(body as URLSearchParams))
    }
    const answer = await fetch(url, {
      method: options.method,
      headers,
      body:
        body instanceof URLSearchParams ? body.toString() : ((body as string | undefined) ?? null),
      redirect: 'manual',
      ...(options.signal ? { signal: options.signal } : {}),
      dispatcher: agent,
    })
    const { bytes, failure } = await readCapped(answer.body)
    if (isToken && answer.ok && bytes.length > 0) await hooks.onAnswer?.(bytes)
    if (failure !== undefined) throw failure
    const kept = new Headers()
    for (const [name, value] of answer.headers)
      if (name !== 'content-encoding' && name !== 'content-length') kept.set(name, value)
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
