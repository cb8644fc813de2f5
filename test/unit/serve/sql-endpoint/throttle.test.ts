import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openThrottle } from '../../../../src/serve/sql-endpoint/auth/throttle.ts'
import { openScene } from './scene.ts'

/** Connects from another of this machine's own addresses. */
class FromElsewhere extends Socket {
  override connect(port: unknown): this {
    return super.connect({ port: Number(port), host: '127.0.0.1', localAddress: '127.0.0.2' })
  }
}

test('after ten wrong passwords the right one is not looked at; other users and addresses are let in', async () => {
  await using scene = await openScene({ endpoint: { host: '127.0.0.1' } })
  const wrong = () =>
    scene.connect('owner', { password: 'wrong' }).then(
      () => undefined,
      (error: { code?: string; hint?: string }) => error,
    )
  // Guessing side by side is no way around it.
  const answers = await Promise.all(Array.from({ length: 30 }, wrong))
  expect(answers.map((answer) => answer?.code)).toEqual(Array(30).fill('28P01'))
  const looked = answers.filter((answer) => answer?.hint === undefined).length
  expect(looked).toBeGreaterThanOrEqual(10)
  expect(looked).toBeLessThan(20)
  await expect(scene.connect('owner')).rejects.toMatchObject({
    code: '28P01',
    hint: expect.stringContaining('try again'),
  })
  const others = [
    await scene.connect('analyst'),
    await scene.connect('owner', { stream: () => new FromElsewhere() }),
  ]
  for (const client of others) {
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await client.end()
  }
})

test('one failure is forgiven each six seconds, all of them after a log-in; memory is bounded', () => {
  let now = 0
  const throttle = openThrottle(() => now)
  const isLetIn = (user = 'ann', address = '10.0.0.1') => {
    try {
      throttle.check(user, address)
      return true
    } catch {
      return false
    }
  }
  const failTimes = (times: number) => {
    for (let time = 0; time < times; time++) throttle.failed('ann', '10.0.0.1')
  }
  failTimes(9)
  expect(isLetIn()).toBe(true)
  failTimes(1)
  expect([isLetIn(), isLetIn('bob'), isLetIn('ann', '10.0.0.2')]).toEqual([false, true, true])
  now = 5_999
  expect(isLetIn()).toBe(false)
  now = 6_000
  expect(isLetIn()).toBe(true)
  failTimes(1)
  expect(isLetIn()).toBe(false)
  throttle.passed('ann', '10.0.0.1')
  expect(isLetIn()).toBe(true)
  failTimes(10)
  for (let other = 0; other < 10_000; other++) throttle.failed(`user ${other}`, '10.0.0.1')
  expect(isLetIn()).toBe(true)
})
