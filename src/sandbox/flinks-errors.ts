import type { Answer } from './http.ts'
import { json } from './http.ts'

/** HTTP status and message of the FlinksCodes that are sent (flinks-native 11). */
const flinksErrors = {
  UNAUTHORIZED: [401, 'Unauthorized'],
  INVALID_REQUEST: [401, 'Invalid request'],
  INVALID_LOGIN: [401, 'Invalid login'],
  DISABLED_LOGIN: [401, 'The login is disabled at the institution'],
  INVALID_SECURITY_RESPONSE: [401, 'Invalid security response'],
  UNKNOWN_CHALLENGE_KEY: [401, 'Unknown challenge key'],
  RETRY_LATER: [401, 'Retry later'],
  TOO_MANY_REQUESTS: [401, 'Too many requests'],
  SESSION_NONEXISTENT: [400, 'RequestId is invalid or session has ended'],
  SESSION_EXPIRED: [400, 'Session has expired'],
  CARD_IN_USE: [400, 'The card is in use'],
  AGGREGATION_ERROR: [500, 'Aggregation error'],
} as const satisfies Record<string, readonly [number, string]>
export type FlinksCode = keyof typeof flinksErrors

/** An error as Flinks sends it: its code, its HTTP status, a message. */
export function flinksError(code: FlinksCode): Answer {
  const [status, message] = flinksErrors[code]
  return json(status, { HttpStatusCode: status, Message: message, FlinksCode: code })
}
