import { FdxError } from '../errors.ts'
import type { CheckedBody } from '../page/check.ts'

/** Why an answer that was kept cannot be read: `JSON_TOO_DEEP` or `ANSWER_INVALID`. `holds`: what was looked for. */
export function unreadable(what: string, { tooDeep, value }: CheckedBody, holds: string): FdxError {
  const text = tooDeep
    ? 'is nested too deep'
    : value === undefined
      ? 'is not JSON'
      : `holds no ${holds}`
  return new FdxError(
    tooDeep ? 'JSON_TOO_DEEP' : 'ANSWER_INVALID',
    `${what}: the answer ${text}; it is kept, ask the provider`,
  )
}
