import { childEnd, linesOf, startChild } from './children.ts'
import { type FaultOptions, firstWrong, type Outcome } from './outcome.ts'
import { judge, setUpRig } from './rig.ts'

const callers = 25

/** Many processes whose callers find the token refused at one instant: one request serves them all. */
export async function* crowds({ quick }: FaultOptions): AsyncGenerator<Outcome> {
  const processes = quick ? 4 : 8
  await using rig = await setUpRig('strict')
  const children = Array.from({ length: processes }, () => startChild(rig, { callers }))
  try {
    const says = children.map(linesOf)
    await Promise.all(says.map((next) => next()))
    for (let round = 1; round <= (quick ? 2 : 5); round++) {
      const before = rig.server.requests.length
      const { accessToken: rejected } = await rig.stored()
      const at = Date.now() + 100
      for (const child of children) child.stdin.write(`${JSON.stringify({ rejected, at })}\n`)
      const said = (await Promise.all(says.map((next) => next()))) as { tokens: string[] }[]
      const requests = rig.server.requests.length - before
      yield {
        fault: `${processes} processes × ${callers} callers, round ${round}`,
        ending: await judge(rig),
        requests,
        wrong: firstWrong({
          'more than one token request': requests === 1,
          'not all got the same token': new Set(said.flatMap(({ tokens }) => tokens)).size === 1,
        }),
      }
    }
    const ends = children.map(childEnd)
    for (const child of children) child.stdin.end()
    await Promise.all(ends)
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}
