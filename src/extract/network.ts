import { FdxError } from '../errors.ts'

/**
 * How an exchange failed below HTTP. `unconnected`: nothing was sent, so the fault is the provider's and no
 * consumer's. `broken`: cut or too slow somewhere after that. `untrusted`: the certificate. `garbled`: what
 * came is not HTTP, or not the compression it claims.
 */
export type NetworkFailure = 'unconnected' | 'broken' | 'untrusted' | 'garbled'

const codes: Readonly<Record<string, NetworkFailure>> = {
  ECONNREFUSED: 'unconnected',
  ENOTFOUND: 'unconnected',
  EAI_AGAIN: 'unconnected',
  EHOSTUNREACH: 'unconnected',
  ENETUNREACH: 'unconnected',
  UND_ERR_CONNECT_TIMEOUT: 'unconnected',
  ECONNRESET: 'broken',
  ECONNABORTED: 'broken',
  ETIMEDOUT: 'broken',
  EPIPE: 'broken',
  UND_ERR_SOCKET: 'broken',
  UND_ERR_HEADERS_TIMEOUT: 'broken',
  UND_ERR_BODY_TIMEOUT: 'broken',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'broken',
  UND_ERR_ABORTED: 'broken',
  UND_ERR_HEADERS_OVERFLOW: 'garbled',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'garbled',
}

const patterns: readonly (readonly [RegExp, NetworkFailure])[] = [
  [/^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/, 'untrusted'],
  [/^(Z_|ERR_BROTLI|ERR__ERROR_FORMAT|ZSTD_)/, 'garbled'],
]

/** Reads the failure from an error of undici, through at most 6 causes; undefined for any other error. */
export function networkFailure(error: unknown): NetworkFailure | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    if (at.name === 'TimeoutError') return 'broken'
    if (at.name === 'HTTPParserError') return 'garbled'
    if (!('code' in at) || typeof at.code !== 'string') continue
    const code = at.code
    const found = codes[code] ?? patterns.find(([pattern]) => pattern.test(code))?.[1]
    if (found) return found
  }
  // undici says only this much of a body whose sender went away before its end.
  return error instanceof TypeError && error.message === 'terminated' ? 'broken' : undefined
}

/** The failure as this program names it. The cause is kept for `safeError`, which prints no foreign text. */
export function networkError(failure: NetworkFailure, what: string, cause: unknown): FdxError {
  const [code, text] = (
    {
      unconnected: ['UNREACHABLE', 'no connection to the provider; check baseUrl and the network'],
      broken: ['UNREACHABLE', 'the connection broke or the deadline passed; try again later'],
      untrusted: ['UNREACHABLE', 'the provider’s certificate is not trusted; check baseUrl'],
      garbled: ['ANSWER_INVALID', 'the answer is not well-formed HTTP; ask the provider'],
    } as const
  )[failure]
  return new FdxError(code, `${what}: ${text}`, { cause, facts: { failure } })
}
