import { expect } from 'vitest'
import type { flinksTroubles } from '../../../../src/sandbox/misbehaviours.ts'
import type { Got } from '../../../support/sandbox.ts'
import { flinks, flinksAuthorize, flinksKey } from '../../../support/sandbox.ts'
import type { Proof } from '../scene.ts'
import { detail, flinksCode } from '../scene.ts'

export const flinksProofs: Record<keyof typeof flinksTroubles, Proof> = {
  async pending_forever(scene) {
    scene.on()
    expect(flinksCode(await detail(scene))).toBe('OPERATION_PENDING')
  },
  async mfa(scene) {
    scene.on()
    expect((await flinksAuthorize(scene.sandbox, 0)).status).toBe(203)
  },
  async agg_error(scene) {
    scene.on()
    const answer = await detail(scene)
    expect([answer.status, flinksCode(answer)]).toEqual([500, 'AGGREGATION_ERROR'])
  },
  async retry_later(scene) {
    scene.on()
    const answer = await flinksAuthorize(scene.sandbox, 0)
    expect([answer.status, flinksCode(answer)]).toEqual([401, 'RETRY_LATER'])
  },
  async too_many_requests_401(scene) {
    scene.on()
    const seen = [await detail(scene), await detail(scene), await detail(scene)]
    expect(seen.map((answer) => answer.status)).toEqual([401, 401, 200])
    expect(flinksCode(seen[0] as Got)).toBe('TOO_MANY_REQUESTS')
  },
  async session_expired(scene) {
    scene.on({ variant: 'expired' })
    const seen = [await detail(scene), await detail(scene)]
    expect(seen.map(flinksCode)).toEqual(['SESSION_EXPIRED', undefined])
  },
  async card_in_use(scene) {
    scene.on()
    const { loginId } = scene.sandbox.logins()[0] ?? {}
    expect(flinksCode(await flinksAuthorize(scene.sandbox, 0))).toBe('CARD_IN_USE')
    expect(flinksCode(await flinks(scene.sandbox, 'DELETE', `/DeleteCard/${loginId}`, {}))).toBe(
      'CARD_IN_USE',
    )
  },
  async empty_transactions(scene) {
    scene.on()
    const { Accounts } = (await detail(scene)).json<{ Accounts: { Transactions: unknown[] }[] }>()
    expect(Accounts.map((account) => account.Transactions.length)).toEqual([0, 0, 0])
  },
  async partial_202(scene) {
    scene.on({ endpoint: 'GetAccountsDetail' })
    const answer = await detail(scene)
    const { Accounts, RequestId } = answer.json<{ Accounts: unknown[]; RequestId: string }>()
    expect([answer.status, Accounts.length]).toEqual([202, 1])
    const whole = await flinks(
      scene.sandbox,
      'GET',
      `/GetAccountsDetailAsync/${RequestId}`,
      flinksKey,
    )
    expect(whole.json<{ Accounts: unknown[] }>().Accounts).toHaveLength(3)
  },
  async unauthorized(scene) {
    scene.on()
    expect(flinksCode(await detail(scene))).toBe('UNAUTHORIZED')
  },
  async slow(scene) {
    scene.on()
    const { RequestId } = (await detail(scene)).json<{ RequestId: string }>()
    scene.sandbox.advance(2)
    expect(
      (await flinks(scene.sandbox, 'GET', `/GetAccountsDetailAsync/${RequestId}`, flinksKey))
        .status,
    ).toBe(200)
  },
}
