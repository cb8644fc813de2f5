import type { Code } from '../../errors.ts'
import { tooDeep } from '../../page/depth.ts'
import { type Answer, type Judgement, refused } from '../answer.ts'

interface Meaning {
  readonly code: Code | 'pending' | 'ok'
  /** Worth repeating inside the same run, after a pause. */
  readonly again?: true
}

/**
 * All FlinksCodes that Flinks documents or clients have met (facts/flinks-native.md 11). The code is read
 * before the HTTP status: TOO_MANY_REQUESTS comes under 401.
 */
export const flinksCodes = {
  OPERATION_PENDING: { code: 'pending' },
  OPERATION_DISPATCHED: { code: 'pending' },
  ALREADY_AUTHORIZED: { code: 'ok' },
  SESSION_NONEXISTENT: { code: 'SESSION_LOST' },
  SESSION_EXPIRED: { code: 'SESSION_LOST' },
  CARD_IN_USE: { code: 'PROVIDER_DOWN', again: true },
  CONCURRENT_SESSION: { code: 'PROVIDER_DOWN', again: true },
  RETRY_LATER: { code: 'PROVIDER_DOWN', again: true },
  AGGREGATION_ERROR: { code: 'PROVIDER_DOWN', again: true },
  TOO_MANY_REQUESTS: { code: 'RATE_LIMITED', again: true },
  BANK_MAINTENANCE_RETRY_LATER: { code: 'MAINTENANCE' },
  DISABLED_INSTITUTION: { code: 'MAINTENANCE' },
  UNAUTHORIZED: { code: 'FORBIDDEN' },
  ACCESS_DENIED: { code: 'FORBIDDEN' },
  METHOD_NOT_AVAILABLE: { code: 'NOT_SUPPORTED' },
  INVALID_REQUEST: { code: 'REQUEST_INVALID' },
  INVALID_LOGIN: { code: 'LOGIN_REFUSED' },
  INVALID_USERNAME: { code: 'LOGIN_REFUSED' },
  INVALID_PASSWORD: { code: 'LOGIN_REFUSED' },
  NEW_ACCOUNT: { code: 'LOGIN_REFUSED' },
  DISABLED_LOGIN: { code: 'LOGIN_REFUSED' },
  INVALID_SECURITY_RESPONSE: { code: 'NEEDS_MFA' },
  INVALID_SECURITY_RESPONSE_NO_RETRY: { code: 'NEEDS_MFA' },
  SECURITYRESPONSES_INCOMPLETE: { code: 'NEEDS_MFA' },
  UNKNOWN_CHALLENGE_KEY: { code: 'NEEDS_MFA' },
  QUESTION_NOT_FOUND: { code: 'NEEDS_MFA' },
  NO_TRANSACTION: { code: 'NO_DATA' },
} as const satisfies Readonly<Record<string, Meaning>>

export type FlinksCode = keyof typeof flinksCodes

const statuses: Readonly<Record<number, Code>> = {
  401: 'FORBIDDEN',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'NOT_SUPPORTED',
  408: 'PROVIDER_DOWN',
  429: 'RATE_LIMITED',
}

/**
 * Decides what an answer of Flinks' native API means: FlinksCode first, then HTTP status. 203 is a 2xx that
 * asks the person a question; 202 is not an answer yet.
 */
export function judgeFlinks(answer: Pick<Answer, 'status' | 'headers' | 'body'>): Judgement {
  const { status } = answer
  if (status === 200) return { kind: 'ok' }
  if (status === 202) return { kind: 'pending' }
  if (status === 203) return refused('NEEDS_MFA', { status })
  const flinks = flinksCode(answer.body)
  const facts = { status, ...(flinks === undefined ? {} : { flinks }) }
  if (status >= 300 && status < 400) return refused('REDIRECTED', facts)
  if (flinks !== undefined) {
    const meaning: Meaning = flinksCodes[flinks]
    if (meaning.code === 'ok' || meaning.code === 'pending') return { kind: meaning.code }
    return refused(meaning.code, facts, { again: meaning.again ?? false })
  }
  if (status < 300) return refused('ANSWER_INVALID', facts)
  return refused(statuses[status] ?? (status >= 500 ? 'PROVIDER_DOWN' : 'REQUEST_INVALID'), facts)
}

function flinksCode(body: Buffer): FlinksCode | undefined {
  const code = readMember(body, 'FlinksCode')
  return code !== undefined && Object.hasOwn(flinksCodes, code) ? (code as FlinksCode) : undefined
}

/** A text member of a JSON object; undefined when the body is anything else. */
export function readMember(body: Buffer, name: string): string | undefined {
  if (tooDeep(body)) return undefined
  try {
    const value: unknown = JSON.parse(body.toString())
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    const member = (value as Record<string, unknown>)[name]
    return typeof member === 'string' && member !== '' ? member : undefined
  } catch {
    return undefined
  }
}
