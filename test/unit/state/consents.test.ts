import { afterEach, beforeEach, expect, test } from 'vitest'
import { addAudit, brokenAudit } from '../../../src/state/audit.ts'
import { type Connection, getConnection, saveConnection } from '../../../src/state/connections.ts'
import { addConsent, consentsOf, expireConsents } from '../../../src/state/consents.ts'
import { openState, type State } from '../../../src/state/state.ts'

let state: State
beforeEach(() => {
  state = openState(':memory:')
})
afterEach(() => state[Symbol.dispose]())

const connection = (id: string, endsAt: string | null): Connection => ({
  id,
  provider: 'bank',
  protocol: 'fdx',
  subject: null,
  label: '',
  state: 'active',
  reason: '',
  scopes: 'ACCOUNT_BASIC',
  consent_given_at: '2026-01-01T00:00:00.000Z',
  consent_ends_at: endsAt,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  last_good_at: null,
})

test('a consent that has ended stops its connection, and no other', () => {
  for (const [id, endsAt] of [
    ['ended', '2026-06-01T00:00:00.000Z'],
    ['running', '2026-06-01T00:00:00.001Z'],
    ['endless', null],
  ] as const) {
    saveConnection(state, connection(id, endsAt))
    addConsent(state, `consent of ${id}`, connection(id, endsAt))
  }
  expect(expireConsents(state, '2026-06-01T00:00:00.000Z')).toBe(1)
  expect(getConnection(state, 'ended')).toMatchObject({
    state: 'reauth',
    reason: 'the consent ended on 2026-06-01',
  })
  expect(consentsOf(state, 'ended')).toMatchObject([{ ended_by: 'expired' }])
  for (const id of ['running', 'endless'])
    expect(getConnection(state, id)).toMatchObject({ state: 'active' })
  expect(expireConsents(state, '2026-06-01T00:00:00.000Z')).toBe(0)
})

test('a renewed consent ends the one before it, and both are kept', () => {
  const first = connection('c', '2026-06-01T00:00:00.000Z')
  saveConnection(state, first)
  addConsent(state, 'one', first)
  addConsent(state, 'two', { ...first, consent_given_at: '2026-05-01T00:00:00.000Z' })
  expect(consentsOf(state, 'c').map(({ id, ended_by }) => [id, ended_by])).toEqual([
    ['one', 'renewed'],
    ['two', ''],
  ])
})

test.each([
  ['an entry is changed', "update audit set facts = '{}' where seq = 2", 2],
  ['an entry is missing', 'delete from audit where seq = 2', 2],
  ['the first is missing', 'delete from audit where seq = 1', 1],
  ['nothing was touched', 'select 1', undefined],
])('the audit chain, when %s', (_name, sql, broken) => {
  for (const id of ['a', 'b', 'c']) addAudit(state, 'revoked', '2026-01-01', id, { by: 'operator' })
  state.db.exec(sql)
  expect(brokenAudit(state)).toBe(broken)
})
