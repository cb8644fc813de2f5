import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealing } from '../../src/connect/sealing.ts'
import { readTokenAnswer } from '../../src/connect/token-answer.ts'
import { judge, setUpRig, startAgain, testKey } from '../faults/rig.ts'
import { tokenFaults } from '../faults/token-faults.ts'
import type { TokenServer, Trouble } from '../support/token-server.ts'

test('of an answer cut anywhere, a token is read whole or not at all', () => {
  const token = fc.string({ minLength: 1, unit: 'grapheme-ascii' })
  const answer = fc.record({
    scope: fc.string(),
    access_token: token,
    refresh_token: token,
    token_type: fc.constant('Bearer'),
  })
  fc.assert(
    fc.property(answer, fc.nat(), fc.boolean(), (members, at, pretty) => {
      const whole = Buffer.from(JSON.stringify(members, null, pretty ? 2 : 0))
      const read = readTokenAnswer(whole.subarray(0, at % (whole.length + 1)))
      expect([undefined, members.refresh_token]).toContain(read.refreshToken)
      expect([undefined, members.access_token]).toContain(read.accessToken)
      expect(readTokenAnswer(whole).refreshToken).toBe(members.refresh_token)
    }),
  )
})

test('anything at all can be an answer: it is read without a throw, and its life is capped', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      const { lifeSeconds } = readTokenAnswer(Buffer.from(text))
      expect(lifeSeconds).toBeGreaterThan(0)
      expect(lifeSeconds).toBeLessThanOrEqual(86_400)
    }),
  )
})

test('sealed bytes open unchanged, and no changed byte of them goes unnoticed', () => {
  const { seal, unseal } = sealing([testKey])
  const label = { connection: 'c_1', kind: 'record', generation: 3 } as const
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, change) => {
      const sealed = seal(label, Buffer.from(plain))
      expect(unseal(label, sealed)).toEqual(Buffer.from(plain))
      const changed = Buffer.from(sealed)
      const place = at % changed.length
      changed[place] = (changed[place] ?? 0) ^ change
      // Base64 has spare bits: a change there is no change of the bytes it stands for.
      const opened = attempt(() => unseal(label, changed))
      expect(opened === undefined || opened.equals(Buffer.from(plain))).toBe(true)
      expect(() => unseal({ ...label, generation: 4 }, sealed)).toThrow()
      expect(() => unseal({ ...label, connection: 'c_2' }, sealed)).toThrow()
    }),
  )
})

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** What hangs is left to the fault table: here many faults follow each other. */
const quick = tokenFaults.filter(({ name }) => !/no answer|stalled/.test(name))

test('whatever follows whatever, the refresh token on disk is alive, or the connection is flagged', async () => {
  const faults = fc.array(fc.constantFrom(...quick, undefined), { minLength: 1, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('strict', 'grace', 'none'), faults, async (rotation, row) => {
      await using rig = await setUpRig(rotation)
      let time = 0
      // As many managers as calls: every second call is a process that has just started.
      let tokens = rig.manager({ monotonic: () => time })
      oneAfterAnother(
        rig.server,
        row.map((fault) => fault?.trouble),
      )
      for (let call = 0; call < row.length; call++) {
        if (call % 2 === 1) tokens = rig.manager({ monotonic: () => time })
        time += 3_600_000
        const { accessToken } = await rig.stored()
        await tokens.accessToken(rig.connection, accessToken ?? '').catch(() => {})
      }
      rig.server.trouble = undefined
      await startAgain(rig)
      expect(await judge(rig)).not.toBe('lost')
    }),
    { numRuns: 60 },
  )
})

/** Each request meets the next trouble of the row; undefined is none. */
function oneAfterAnother(server: TokenServer, row: (Trouble | undefined)[]): void {
  const [first, ...rest] = row
  server.trouble = (exchange) => {
    if (rest.length > 0) oneAfterAnother(server, rest)
    if (first) return first(exchange)
    exchange.response.writeHead(200, { 'content-type': 'application/json' })
    exchange.response.end(JSON.stringify(exchange.process()))
  }
}
