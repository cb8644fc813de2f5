import type { Code } from '../../errors.ts'
import { tooDeep } from '../../page/depth.ts'
import { type Answer, type Judgement, refused } from '../answer.ts'

/** HTTP statuses under which an FDX code has the meaning given; elsewhere the HTTP class decides. */
interface Meaning {
  readonly http: readonly number[] | 'any'
  /** `empty`: a list without records, not a failure. `pending`: a file that is still being made. */
  readonly code: Code | 'empty' | 'pending'
  /** One refresh of the token may help. Default: for TOKEN_REFUSED only. */
  readonly renew?: true
}

/**
 * FDX error codes that reading can meet (facts/fdx-standard.md 10, facts/flinks-outbound.md 6). Codes 401, 403,
 * 500 and 503 also occur as mere copies of the HTTP status, and 1207 under several.
 */
export const fdxCodes: Readonly<Record<string, Meaning>> = {
  '401': { http: [400], code: 'REQUEST_INVALID' },
  '403': { http: [403], code: 'FORBIDDEN' },
  '500': { http: [500], code: 'PROVIDER_DOWN' },
  '501': { http: [405, 501], code: 'NOT_SUPPORTED' },
  '503': { http: [503], code: 'MAINTENANCE' },
  '601': { http: [404], code: 'CONSENT_LOST' },
  '602': { http: [401, 403], code: 'CONSENT_LOST', renew: true },
  '603': { http: [401, 403], code: 'TOKEN_REFUSED' },
  '701': { http: [404], code: 'NOT_FOUND' },
  '702': { http: [400], code: 'REQUEST_INVALID' },
  '703': { http: [400], code: 'RANGE_REFUSED' },
  '704': { http: [400, 422], code: 'NOT_SUPPORTED' },
  '705': { http: [409], code: 'ACCOUNT_CLOSED' },
  '706': { http: [403], code: 'NOT_SUPPORTED' },
  '1000': { http: [500], code: 'PROVIDER_DOWN' },
  '1101': { http: [404], code: 'empty' },
  '1102': { http: [404], code: 'empty' },
  '1103': { http: [404], code: 'empty' },
  '1104': { http: [404], code: 'empty' },
  '1106': { http: [501], code: 'REQUEST_INVALID' },
  '1107': { http: [404], code: 'empty' },
  '1108': { http: [404], code: 'empty' },
  '1203': { http: [406], code: 'REQUEST_INVALID' },
  '1206': { http: [405], code: 'NOT_SUPPORTED' },
  '1300': { http: [400], code: 'pending' },
  '1207': { http: 'any', code: 'RATE_LIMITED' },
}

const statuses: Readonly<Record<number, Code>> = {
  401: 'TOKEN_REFUSED',
  403: 'FORBIDDEN',
  405: 'NOT_SUPPORTED',
  408: 'PROVIDER_DOWN',
  422: 'NOT_SUPPORTED',
  425: 'PROVIDER_DOWN',
  429: 'RATE_LIMITED',
  501: 'NOT_SUPPORTED',
}

/**
 * Decides what an answer of an FDX endpoint means: by HTTP class and FDX code together, an unknown code by its
 * class. Sends nothing, and of the body keeps only the code. 401 and 403 without a code is how an access
 * token that ended is reported (facts/flinks-outbound.md 6).
 */
export function judgeFdx(answer: Pick<Answer, 'status' | 'headers' | 'body'>): Judgement {
  const { status } = answer
  if (status === 200 || status === 206) return { kind: 'ok' }
  if (status === 204) return { kind: 'empty' }
  const fdx = fdxCode(answer.body)
  const facts = { status, ...(fdx === '' ? {} : { fdx }), ...correlation(answer) }
  if (status < 300) return refused('ANSWER_INVALID', facts)
  if (status < 400) return refused('REDIRECTED', facts)
  const meaning = fdxCodes[fdx]
  if (meaning && (meaning.http === 'any' || meaning.http.includes(status))) {
    if (meaning.code === 'empty' || meaning.code === 'pending') return { kind: meaning.code }
    return refused(meaning.code, facts, meaning.renew ? { renew: true } : {})
  }
  if (status === 403 && fdx === '') return refused('TOKEN_REFUSED', facts)
  return refused(statuses[status] ?? (status >= 500 ? 'PROVIDER_DOWN' : 'REQUEST_INVALID'), facts)
}

/** An error body is a few hundred bytes; what is larger comes from somebody else. */
const maxErrorBytes = 65_536

/** `code` as text, from a string or an integer; empty when there is none. */
export function fdxCode(body: Buffer): string {
  if (body.length > maxErrorBytes || tooDeep(body)) return ''
  try {
    const value: unknown = JSON.parse(body.toString())
    const code = typeof value === 'object' && value !== null && 'code' in value ? value.code : ''
    const text = typeof code === 'number' ? String(code) : code
    return typeof text === 'string' && /^\d{3,4}$/.test(text) ? text : ''
  } catch {
    return ''
  }
}

/** What Flinks support asks for; names of exchanges, not of people. */
function correlation({ headers }: Pick<Answer, 'headers'>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of ['ob-correlation-id', 'ob-trace-id']) {
    const id = headers.get(name)
    if (id !== null && /^[\w.-]{1,80}$/.test(id)) found[name] = id
  }
  return found
}
