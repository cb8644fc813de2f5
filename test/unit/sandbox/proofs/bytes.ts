import { expect } from 'vitest'
import type { byteTroubles } from '../../../../src/sandbox/misbehaviours.ts'
import type { Proof } from '../scene.ts'
import { raw } from '../scene.ts'

export const bytesProofs: Record<keyof typeof byteTroubles, Proof> = {
  async cut_body(scene) {
    scene.on()
    await expect(scene.client.get('/accounts')).rejects.toThrow()
  },
  async drip(scene) {
    scene.on()
    const start = raw(scene)
    const reader = ((await start).body as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    expect((await reader.next()).value?.length).toBe(1)
    await reader.return?.()
  },
  async dirty_json(scene) {
    scene.on()
    const answer = await raw(scene)
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(bytes.toString()).toContain('"twice":1,"twice":2')
    expect(bytes.toString()).toContain('\\ud800')
  },
}
