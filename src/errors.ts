/**
 * What a caller does about a failure:
 * `retry` the same call later; `renew` the access token and repeat once; `reauth`: ask the person to connect
 * again; `mfa`: the person must answer the bank; `skip` this resource and go on; `stop` this stream or
 * command: somebody must change something.
 */
export type Verdict = 'retry' | 'renew' | 'reauth' | 'mfa' | 'skip' | 'stop'

/** Every failure this program can name, and the one thing to do about it. */
export const verdicts = {
  // configuration and command line
  CONFIG_INVALID: 'stop',
  SECRET_MISSING: 'stop',
  USAGE: 'stop',
  VAULT_KEY: 'stop',
  VAULT_RECORD: 'reauth',
  // connect
  CONNECT_REFUSED: 'stop',
  CONNECT_STATE: 'stop',
  CONNECT_TIMEOUT: 'stop',
  CONNECTION_UNKNOWN: 'stop',
  TOKEN_REFUSED: 'renew',
  TOKEN_AMBIGUOUS: 'retry',
  TOKEN_UNAVAILABLE: 'retry',
  CLIENT_REFUSED: 'stop',
  REAUTH: 'reauth',
  LOCK_TIMEOUT: 'retry',
  // provider answers
  UNREACHABLE: 'retry',
  RATE_LIMITED: 'retry',
  PROVIDER_DOWN: 'retry',
  PROVIDER_STUCK: 'retry',
  MAINTENANCE: 'retry',
  CONSENT_LOST: 'reauth',
  LOGIN_REFUSED: 'reauth',
  NEEDS_MFA: 'mfa',
  SESSION_LOST: 'retry',
  FORBIDDEN: 'stop',
  NOT_FOUND: 'skip',
  NOT_SUPPORTED: 'skip',
  ACCOUNT_CLOSED: 'skip',
  NO_DATA: 'skip',
  RANGE_REFUSED: 'stop',
  REQUEST_INVALID: 'stop',
  ANSWER_INVALID: 'stop',
  REDIRECTED: 'stop',
  BODY_TOO_LARGE: 'stop',
  JSON_TOO_DEEP: 'stop',
  // paging
  NEXT_LINK_ORIGIN: 'stop',
  PAGE_LOOP: 'stop',
  PAGE_LIMIT: 'stop',
  PAGE_EMPTY_RUN: 'stop',
  FOREIGN_ORIGIN: 'stop',
  CONNECTION_LIMIT: 'retry',
  // disk and warehouse
  DISK_FULL: 'stop',
  SEGMENT_INVALID: 'stop',
  LOAD_FAILED: 'stop',
  MIGRATION_CHANGED: 'stop',
  WAREHOUSE_BUSY: 'retry',
  WAREHOUSE_MISSING: 'stop',
  QUERY_FAILED: 'stop',
  EXPORT_FAILED: 'stop',
  CHECK_FAILED: 'stop',
  STOPPED: 'retry',
  /** A mistake of this program; the one code that no FdxError is thrown with. */
  FAULT: 'stop',
} as const satisfies Record<string, Verdict>

export type Code = keyof typeof verdicts

/** Safe to log and to show a person: no tokens, no account numbers, no names, no response bodies. */
export type Facts = Readonly<Record<string, string | number | boolean>>

/** The one error class. Callers switch on `code` or `verdict`, never on the text. A bug stays a plain Error. */
export class FdxError extends Error {
  override readonly name = 'FdxError'
  readonly code: Code
  readonly facts: Facts

  constructor(code: Code, message: string, options: { facts?: Facts; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.facts = options.facts ?? {}
  }

  get verdict(): Verdict {
    return verdicts[this.code]
  }
}

/**
 * What may be printed of any error: names, codes and places of at most 8 causes, and our own messages. Foreign
 * messages are left out: openid-client's causes hold tokens, V8's JSON errors quote the body
 * (facts/reliability-security.md 6.8).
 */
export function safeError(error: unknown): string {
  const parts: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (at instanceof FdxError) parts.push(`${at.code}: ${at.message}`)
    else {
      const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
      const known = /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? ` ${code}` : ''
      const place = /\/(src\/[\w./-]+:\d+)/.exec(at.stack ?? '')?.[1]
      parts.push(`${at.name}${known}${place ? ` at ${place}` : ''}`)
    }
  }
  return parts.join(' ← ') || 'unknown failure'
}
