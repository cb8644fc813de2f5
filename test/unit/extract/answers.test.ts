import { describe, expect, test } from 'vitest'
import type { Code } from '../../../src/errors.ts'
import { fdxCode, judgeFdx } from '../../../src/extract/fdx/answers.ts'
import { flinksCodes, judgeFlinks } from '../../../src/extract/flinks/codes.ts'

const answer = (status: number, body: unknown = '') => ({
  status,
  headers: new Headers(),
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
})

describe('FDX: HTTP status and FDX code together', () => {
  const table: [number, unknown, Code | 'ok' | 'empty', { again?: true; renew?: true }?][] = [
    [200, '<html>', 'ok'],
    [206, '', 'ok'],
    [204, '', 'empty'],
    [202, '', 'ANSWER_INVALID'],
    [302, '', 'REDIRECTED'],
    [307, { code: 602 }, 'REDIRECTED'],
    [400, { code: 401 }, 'REQUEST_INVALID'],
    [400, { code: '703' }, 'RANGE_REFUSED'],
    [400, { code: 702 }, 'REQUEST_INVALID'],
    [401, '', 'TOKEN_REFUSED', { renew: true }],
    [401, { message: 'expired' }, 'TOKEN_REFUSED', { renew: true }],
    [401, { code: 401 }, 'TOKEN_REFUSED', { renew: true }],
    [401, { code: 602 }, 'CONSENT_LOST', { renew: true }],
    [401, { code: '603' }, 'TOKEN_REFUSED', { renew: true }],
    [403, { message: 'expired' }, 'TOKEN_REFUSED', { renew: true }],
    [403, { code: '602' }, 'CONSENT_LOST', { renew: true }],
    [403, { code: 403 }, 'FORBIDDEN'],
    [403, { code: 9999 }, 'FORBIDDEN'],
    [403, { code: 706 }, 'NOT_SUPPORTED'],
    [404, '', 'REQUEST_INVALID'],
    [404, { code: 601 }, 'CONSENT_LOST'],
    [404, { code: 701 }, 'NOT_FOUND'],
    [404, { code: 1107 }, 'empty'],
    [404, { code: '1107' }, 'empty'],
    [400, { code: 1107 }, 'REQUEST_INVALID'],
    [405, { code: 501 }, 'NOT_SUPPORTED'],
    [405, '', 'NOT_SUPPORTED'],
    [500, { code: 501 }, 'PROVIDER_DOWN', { again: true }],
    [408, '', 'PROVIDER_DOWN', { again: true }],
    [409, { code: 705 }, 'ACCOUNT_CLOSED'],
    [418, '', 'REQUEST_INVALID'],
    [422, { code: 704 }, 'NOT_SUPPORTED'],
    [422, { code: 1207 }, 'RATE_LIMITED', { again: true }],
    [429, '', 'RATE_LIMITED', { again: true }],
    [429, { code: 1207 }, 'RATE_LIMITED', { again: true }],
    [500, { code: 500 }, 'PROVIDER_DOWN', { again: true }],
    [500, { code: 777 }, 'PROVIDER_DOWN', { again: true }],
    [502, '<html>', 'PROVIDER_DOWN', { again: true }],
    [503, '', 'PROVIDER_DOWN', { again: true }],
    [503, { code: 503 }, 'MAINTENANCE', { again: true }],
  ]
  test.each(table)('%i %j → %s', (status, body, expected, more = {}) => {
    const judged = judgeFdx(answer(status, body))
    if (expected === 'ok' || expected === 'empty') return expect(judged.kind).toBe(expected)
    expect(judged).toMatchObject({
      kind: 'refused',
      code: expected,
      again: more.again ?? false,
      renew: more.renew ?? false,
    })
  })

  test('only a code of three or four digits is taken from a body', () => {
    expect(fdxCode(Buffer.from('{"code":"a token"}'))).toBe('')
    expect(fdxCode(Buffer.from('{"code":-602}'))).toBe('')
    expect(fdxCode(Buffer.from('[602]'))).toBe('')
    expect(fdxCode(Buffer.from(`${'{"code":'.repeat(100)}602`))).toBe('')
    expect(fdxCode(Buffer.from('{"code": 1207}'))).toBe('1207')
  })

  test('correlation ids are told, anything else in their place is not', () => {
    const headers = new Headers({ 'ob-correlation-id': 'abc-1', 'ob-trace-id': 'a b"c' })
    const judged = judgeFdx({ ...answer(500), headers })
    expect(judged).toMatchObject({ facts: { 'ob-correlation-id': 'abc-1' } })
    expect(judged).not.toHaveProperty('facts.ob-trace-id')
  })
})

describe('Flinks: FlinksCode before HTTP status', () => {
  const table: [number, string, string, boolean?][] = [
    [200, '', 'ok'],
    [202, 'OPERATION_PENDING', 'pending'],
    [202, 'SOMETHING_NEW', 'pending'],
    [203, '', 'NEEDS_MFA'],
    [400, 'OPERATION_DISPATCHED', 'pending'],
    [400, 'ALREADY_AUTHORIZED', 'ok'],
    [401, 'TOO_MANY_REQUESTS', 'RATE_LIMITED', true],
    [401, 'RETRY_LATER', 'PROVIDER_DOWN', true],
    [401, 'BANK_MAINTENANCE_RETRY_LATER', 'MAINTENANCE', false],
    [401, 'INVALID_LOGIN', 'LOGIN_REFUSED'],
    [401, 'UNAUTHORIZED', 'FORBIDDEN'],
    [400, 'SESSION_NONEXISTENT', 'SESSION_LOST'],
    [500, 'AGGREGATION_ERROR', 'PROVIDER_DOWN', true],
    [500, 'constructor', 'PROVIDER_DOWN', true],
    [429, '', 'RATE_LIMITED', true],
    [302, '', 'REDIRECTED'],
    [400, '', 'REQUEST_INVALID'],
  ]
  test.each(table)('%i %s → %s', (status, code, expected, again) => {
    const judged = judgeFlinks(answer(status, code === '' ? '' : { FlinksCode: code }))
    if (['ok', 'pending'].includes(expected)) return expect(judged.kind).toBe(expected)
    expect(judged).toMatchObject({ kind: 'refused', code: expected, again: again ?? false })
  })

  test.each(Object.keys(flinksCodes))('%s has one meaning under any status', (code) => {
    const [one, other] = [400, 500].map((status) =>
      judgeFlinks(answer(status, { FlinksCode: code })),
    )
    const code_ = (judged: typeof one) => (judged?.kind === 'refused' ? judged.code : judged?.kind)
    expect(code_(one)).toBe(code_(other))
  })
})
