import type { Answer } from './http.ts'
import { json } from './http.ts'
import type { JsonObject } from './json.ts'
import type { Shape } from './shape.ts'

/** FDX error codes that the sandbox sends: HTTP status and message (fdx-standard 10). */
export const fdxErrors = {
  401: [400, 'Invalid input'],
  403: [403, 'Subscription not found'],
  500: [500, 'Internal error'],
  501: [500, 'Subsystem unavailable'],
  503: [503, 'Scheduled maintenance'],
  601: [404, 'Customer not found'],
  602: [403, 'Customer not authorized'],
  603: [401, 'Authentication failed'],
  701: [404, 'Account not found'],
  702: [400, 'Invalid start or end date'],
  703: [400, 'Invalid date range'],
  704: [422, 'Account type not supported'],
  705: [409, 'Account is closed'],
  1104: [404, 'Statement not found'],
  1107: [404, 'No data for the parameters'],
  1203: [406, 'Content type not supported'],
  1207: [429, 'Too many requests'],
  1300: [400, 'Statement is processing'],
} as const satisfies Record<number, readonly [number, string]>
export type FdxCode = keyof typeof fdxErrors

export function fdxErrorBody(shape: Shape, code: FdxCode): JsonObject {
  const [, message] = fdxErrors[code]
  return { code: shape.textCodes ? String(code) : code, message, debugMessage: `sandbox ${code}` }
}

/** An error as this provider sends it, with the headers that its support would ask for. */
export function fdxError(shape: Shape, code: FdxCode, status?: number): Answer {
  const [usual] = fdxErrors[code]
  return json(
    status ?? shape.statusOf[code] ?? usual,
    fdxErrorBody(shape, code),
    correlation(shape),
  )
}

/** Flinks' non-standard answer to a token that is expired or unknown: no `code`, no `debugMessage`. */
export function tokenRefused(shape: Shape, status: 401 | 403 = 401): Answer {
  if (shape.provider !== 'outbound') {
    const answer = fdxError(shape, 603, status)
    const challenge = 'Bearer error="invalid_token"'
    return { ...answer, headers: { ...answer.headers, 'www-authenticate': challenge } }
  }
  return json(status, { message: 'Invalid or expired token' }, correlation(shape))
}

function correlation(shape: Shape): Record<string, string> {
  if (shape.provider !== 'outbound') return {}
  return { 'ob-correlation-id': crypto.randomUUID(), 'ob-trace-id': crypto.randomUUID() }
}
