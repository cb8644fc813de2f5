import * as oc from 'openid-client'

/**
 * What is known after a token request failed (facts/reliability-security.md 2.4 and 3.4):
 * `not-sent`: the server never saw it. `busy`: it refused to process it now. `redirected`: a wrong URL or
 * a captured network; never followed. `client`: our own credentials are refused. `grant`: this grant is
 * refused. `refused`: the request is, for another reason. `unknown`: the server may have processed it, so a rotated token may be on its way to nobody.
 */
export type TokenOutcome =
  | 'not-sent'
  | 'busy'
  | 'redirected'
  | 'client'
  | 'grant'
  | 'refused'
  | 'unknown'

const notSentCodes = new Set([
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
])

/** TLS alerts with which a server ends a handshake; what follows is never read. */
const handshakeAlert =
  /_ALERT_(PROTOCOL_VERSION|HANDSHAKE_FAILURE|UNRECOGNIZED_NAME|UNKNOWN_CA|(BAD_)?CERTIFICATE(_\w+)?)$/

/** Node has no code for it. */
const beforeTls = 'Client network socket disconnected before secure TLS connection was established'

/** Whether the failure lies before the first byte of the request. */
function isBeforeRequest(error: Error): boolean {
  if ('syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo'))
    return true
  if (error instanceof AggregateError) return error.errors.every(isBeforeRequest) // IPv6 and IPv4 in turn
  const code = 'code' in error ? String(error.code) : ''
  return notSentCodes.has(code) || handshakeAlert.test(code) || error.message === beforeTls
}

const clientErrors = new Set(['invalid_client', 'unauthorized_client'])
const grantErrors = new Set(['invalid_grant', 'access_denied'])

/** Judges a failed token request by its error's codes, never by its class alone. */
export function tokenOutcome(error: unknown): TokenOutcome {
  for (const at of causes(error)) {
    if (isBeforeRequest(at)) return 'not-sent'
    const status = statusOf(at)
    if (status !== undefined && status >= 300 && status < 400) return 'redirected'
    if (status === 429 || (status === 503 && hasRetryAfter(at))) return 'busy'
    const name = oauthError(at)
    if (name !== undefined && clientErrors.has(name)) return 'client'
    if (name !== undefined && grantErrors.has(name)) return 'grant'
    if (status === 401) return 'client'
    if (name !== undefined && status !== undefined && status < 500) return 'refused'
  }
  return 'unknown'
}

/** An HTTP date (RFC 9110 section 5.6.7). `Date.parse` alone would read a date into almost any text. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** How long a busy server asked us to wait, in milliseconds, if it said so in seconds or as an HTTP date. */
export function askedWaitMs(error: unknown, now: number): number | undefined {
  for (const at of causes(error)) {
    const value = responseOf(at)?.headers.get('retry-after')
    if (!value) continue
    if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
    if (httpDate.test(value)) return Math.max(0, Date.parse(value) - now)
  }
  return undefined
}

function* causes(error: unknown): Generator<Error> {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) yield at
}

/** The OAuth error name, from a JSON body or a WWW-Authenticate challenge. */
function oauthError(error: Error): string | undefined {
  if (error instanceof oc.ResponseBodyError || error instanceof oc.AuthorizationResponseError)
    return error.error
  if (error instanceof oc.WWWAuthenticateChallengeError)
    return error.cause[0]?.parameters['error'] ?? 'invalid_client'
  return undefined
}

function responseOf(error: Error): globalThis.Response | undefined {
  if (error instanceof oc.ResponseBodyError || error instanceof oc.WWWAuthenticateChallengeError)
    return error.response
  return isResponse(error.cause) ? error.cause : undefined
}

const isResponse = (value: unknown): value is globalThis.Response =>
  typeof value === 'object' && value !== null && 'status' in value && 'headers' in value

const statusOf = (error: Error) => responseOf(error)?.status
const hasRetryAfter = (error: Error) => responseOf(error)?.headers.has('retry-after') ?? false
