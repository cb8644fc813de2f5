import { expect } from 'vitest'
import type { pageTroubles } from '../../../../src/sandbox/misbehaviours.ts'
import { misbehaviours } from '../../../../src/sandbox/misbehaviours.ts'
import type { Body, Proof } from '../scene.ts'
import { ids, nextOf, transactions } from '../scene.ts'

export const pagesProofs: Record<keyof typeof pageTroubles, Proof> = {
  async repeated_cursor(scene) {
    scene.on()
    const second = nextOf(await scene.client.get(transactions))
    expect(nextOf(await scene.client.get(`${transactions}&offset=${second}`))).toBe(second)
  },
  async cycling_cursor(scene) {
    scene.on()
    const first = await scene.client.get(transactions)
    const second = await scene.client.get(`${transactions}&offset=${nextOf(first)}`)
    const third = await scene.client.get(`${transactions}&offset=${nextOf(second)}`)
    expect(ids(third)).toEqual(ids(first))
  },
  async endless_cursor(scene) {
    scene.on()
    const path = '/accounts/11/transactions?limit=500'
    const cursors = new Set<string>()
    let next = nextOf(await scene.client.get(path))
    for (let page = 0; page < 5; page++) {
      next = nextOf(await scene.client.get(`${path}&offset=${next}`))
      cursors.add(next)
    }
    expect(cursors.size).toBe(5)
    expect(cursors.has('')).toBe(false)
  },
  async endless_empty_pages(scene) {
    scene.on()
    const path = '/accounts/13/statements?limit=500'
    const next = nextOf(await scene.client.get(path))
    const empty = await scene.client.get(`${path}&offset=${next}`)
    expect([
      empty.json<Body>()['statements'],
      nextOf(empty) !== '' && nextOf(empty) !== next,
    ]).toEqual([[], true])
  },
  async foreign_next(scene) {
    for (const variant of misbehaviours.foreign_next.variants) {
      scene.sandbox.behave()
      scene.on({ variant })
      const body = (await scene.client.get(transactions)).json<Body>()
      const href = new URL(body.links?.next?.href ?? '', scene.sandbox.url)
      expect(body.page).toEqual({})
      expect(href.origin).not.toBe(new URL(scene.sandbox.url).origin)
    }
  },
  async missing_page(scene) {
    scene.on()
    const answer = await scene.client.get(transactions)
    expect(answer.json()).not.toHaveProperty('page')
    expect(ids(answer).length).toBeGreaterThan(400)
  },
  async duplicate_transactions(scene) {
    scene.on()
    const first = await scene.client.get(transactions)
    const second = await scene.client.get(`${transactions}&offset=${nextOf(first)}`)
    expect(ids(second)[0]).toBe(ids(first).at(-1))
  },
  async unstable_order(scene) {
    const honest = ids(await scene.client.get(transactions))
    scene.on()
    const first = await scene.client.get(transactions)
    const second = await scene.client.get(`${transactions}&offset=${nextOf(first)}`)
    expect(ids(first)).not.toEqual(honest)
    expect(ids(first).filter((id) => ids(second).includes(id)).length).toBeGreaterThan(0)
  },
}
