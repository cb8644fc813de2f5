import { expect } from 'vitest'
import type { tokenTroubles } from '../../../../src/sandbox/misbehaviours.ts'
import { sandboxCredentials } from '../../../../src/sandbox/sandbox.ts'
import { clientOf, got } from '../../../support/sandbox.ts'
import type { Proof } from '../scene.ts'
import { partOfToken, refresh } from '../scene.ts'

export const tokenProofs: Record<keyof typeof tokenTroubles, Proof> = {
  async expires_mid_paging(scene) {
    scene.on({ variant: '2_requests' })
    const client = await clientOf(scene.sandbox, 'outbound', 1)
    const seen = [
      await client.get('/accounts'),
      await client.get('/accounts'),
      await client.get('/accounts'),
    ]
    expect(seen.map((answer) => answer.status)).toEqual([200, 200, 401])
    scene.sandbox.behave()
    scene.on({ variant: '1_second' })
    expect((await refresh(scene)).json()['expires_in']).toBe(1)
  },
  async invalid_client(scene) {
    scene.on()
    expect((await refresh(scene)).json()['error']).toBe('invalid_client')
  },
  async invalid_grant(scene) {
    scene.on()
    expect((await refresh(scene)).json()['error']).toBe('invalid_grant')
  },
  async refresh_without_refresh_token(scene) {
    for (const [variant, value] of [
      ['absent', undefined],
      ['null', null],
      ['empty', ''],
    ] as const) {
      scene.sandbox.behave()
      scene.on({ variant })
      const { refreshToken } = scene.sandbox.grant('rotating', 0)
      expect((await refresh(scene, refreshToken)).json()['refresh_token']).toBe(value)
      expect((await refresh(scene, refreshToken)).status).toBe(200)
    }
  },
  async token_500_after_rotation(scene) {
    scene.on()
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    expect((await refresh(scene, refreshToken)).status).toBe(500)
    expect((await refresh(scene, refreshToken)).json()['error']).toBe('invalid_grant')
  },
  async token_reset_before(scene) {
    scene.on()
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    await expect(refresh(scene, refreshToken)).rejects.toThrow()
    expect((await refresh(scene, refreshToken)).status).toBe(200)
  },
  async token_reset_after(scene) {
    scene.on()
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    await expect(refresh(scene, refreshToken)).rejects.toThrow()
    expect((await refresh(scene, refreshToken)).status).toBe(400)
  },
  async token_cut_body(scene) {
    for (const variant of ['after_refresh_token', 'before_refresh_token']) {
      scene.on({ variant })
      const text = await partOfToken(scene.sandbox)
      expect(/"refresh_token":"rt\.[^"]+"/.test(text)).toBe(variant === 'after_refresh_token')
      expect(text.endsWith('}')).toBe(false)
    }
  },
  async token_stall(scene) {
    scene.on()
    const { clientId, clientSecret } = sandboxCredentials
    const { refreshToken } = scene.sandbox.grant('rotating', 0)
    const body = `grant_type=refresh_token&refresh_token=${refreshToken}&client_id=${clientId}&client_secret=${clientSecret}`
    const stalled = got(`${scene.sandbox.url}/rotating/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
      signal: AbortSignal.timeout(300),
    })
    await expect(stalled).rejects.toThrow()
  },
  async token_html_502(scene) {
    scene.on({ variant: '504' })
    const answer = await refresh(scene)
    expect([answer.status, answer.text.includes('<h1>')]).toEqual([504, true])
  },
  async token_429(scene) {
    scene.on()
    const answer = await refresh(scene)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '2'])
  },
  async token_redirect(scene) {
    scene.on()
    const answer = await refresh(scene)
    expect([answer.status, answer.headers.get('location')?.startsWith(scene.sandbox.url)]).toEqual([
      307,
      false,
    ])
  },
}
