import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import type { answerTroubles } from '../../../../src/sandbox/misbehaviours.ts'
import { clientOf } from '../../../support/sandbox.ts'
import type { Proof } from '../scene.ts'
import { codeOf, raw, status, transactions } from '../scene.ts'

export const answersProofs: Record<keyof typeof answerTroubles, Proof> = {
  async consent_withdrawn(scene) {
    scene.on({ person: 0 })
    for (const path of ['/customers/current', '/accounts', transactions]) {
      const answer = await scene.client.get(path)
      expect([answer.status, codeOf(answer)]).toEqual([401, 602])
    }
    const other = await clientOf(scene.sandbox, 'outbound', 1)
    expect((await other.get('/accounts')).status).toBe(200)
  },
  async scope_missing(scene) {
    scene.on()
    expect([await status(scene), await status(scene, transactions)]).toEqual([200, 401])
    scene.sandbox.behave()
    scene.on({ endpoint: 'customers' })
    expect([await status(scene, '/customers/current'), await status(scene, transactions)]).toEqual([
      401, 200,
    ])
  },
  async unauthorized_no_code(scene) {
    scene.on({ variant: '403' })
    const answer = await scene.client.get('/accounts')
    expect([answer.status, codeOf(answer)]).toEqual([403, undefined])
    expect(await status(scene)).toBe(200)
  },
  async rate_limited(scene) {
    const waits: (string | null)[] = []
    for (const variant of ['seconds', 'date', 'garbage', 'long']) {
      scene.on({ variant, times: 1 })
      const answer = await scene.client.get('/accounts')
      expect(answer.status).toBe(429)
      waits.push(answer.headers.get('retry-after'))
    }
    expect(waits[0]).toBe('2')
    expect(Date.parse(waits[1] ?? '')).toBeGreaterThan(Date.now() - 5000)
    expect(waits.slice(2)).toEqual(['soon, perhaps', '3600'])
    scene.on({ variant: 'as_422' })
    const answer = await scene.client.get('/accounts')
    expect([answer.status, codeOf(answer)]).toEqual([422, 1207])
    expect([await status(scene), await status(scene)]).toEqual([422, 200])
  },
  async server_error(scene) {
    for (const [variant, seen] of [
      ['500', 500],
      ['502_html', 502],
      ['503', 503],
    ] as const) {
      scene.on({ variant })
      expect([await status(scene), await status(scene), await status(scene)]).toEqual([
        seen,
        seen,
        200,
      ])
    }
  },
  async maintenance_503(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts')
    expect([answer.status, codeOf(answer), answer.headers.get('retry-after')]).toEqual([
      503,
      503,
      '5',
    ])
  },
  async html_200(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts')
    expect([answer.status, answer.text.startsWith('<!doctype')]).toEqual([200, true])
  },
  async redirect_302(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts')
    const target = new URL(answer.headers.get('location') ?? '')
    expect([answer.status, target.hostname]).toEqual([302, 'localhost'])
  },
  async huge_body(scene) {
    for (const variant of ['gzip', 'double_gzip']) {
      scene.sandbox.behave()
      scene.on({ variant })
      const packed = Buffer.from(await (await raw(scene)).body.arrayBuffer())
      expect(packed.length).toBeLessThan(variant === 'gzip' ? 300_000 : 5000)
      const once = gunzipSync(packed)
      if (variant === 'gzip') expect(once.length).toBe(256 * 1024 * 1024)
      else expect([...once.subarray(0, 2)]).toEqual([0x1f, 0x8b])
    }
    scene.sandbox.behave()
    scene.on({ variant: 'endless' })
    let bytes = 0
    for await (const chunk of (await raw(scene)).body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > 5_000_000) break
    }
    expect(bytes).toBeGreaterThan(5_000_000)
  },
  async deep_json(scene) {
    scene.on()
    expect((await scene.client.get('/accounts')).text.split('[').length - 1).toBe(1_000_000)
  },
  async window_too_long_703(scene) {
    scene.on()
    const long = await scene.client.get(
      '/accounts/11/transactions?startTime=2026-01-01&endTime=2026-06-20',
    )
    expect([long.status, codeOf(long)]).toEqual([400, 703])
    expect(
      await status(scene, '/accounts/11/transactions?startTime=2026-03-22&endTime=2026-06-20'),
    ).toBe(200)
  },
  async no_data_1107(scene) {
    scene.on()
    const answer = await scene.client.get(transactions)
    expect([answer.status, codeOf(answer), await status(scene)]).toEqual([404, 1107, 200])
  },
  async account_not_found_701(scene) {
    scene.on()
    expect(codeOf(await scene.client.get('/accounts/11'))).toBe(701)
    expect(await status(scene, '/accounts/12')).toBe(200)
  },
  async account_closed_705(scene) {
    scene.on()
    const answer = await scene.client.get(transactions)
    expect([answer.status, codeOf(answer)]).toEqual([409, 705])
  },
  async not_supported_704(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts/15/transactions')
    expect([answer.status, codeOf(answer), await status(scene, transactions)]).toEqual([
      422, 704, 200,
    ])
  },
  async payment_networks_501(scene) {
    scene.on()
    const answer = await scene.client.get('/accounts/11/payment-networks')
    expect([answer.status, codeOf(answer)]).toEqual([405, 501])
  },
  async statement_1300(scene) {
    scene.on()
    const path = '/accounts/11/statements/st-2026-05'
    const seen = [await status(scene, path), await status(scene, path), await status(scene, path)]
    expect(seen).toEqual([400, 400, 200])
  },
  async statement_302(scene) {
    scene.on()
    expect(await status(scene, '/accounts/11/statements/st-2026-05')).toBe(302)
  },
}
