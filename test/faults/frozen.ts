import { setTimeout as sleep } from 'node:timers/promises'
import { childEnd, startChild } from './children.ts'
import { type FaultOptions, firstWrong, type Outcome } from './outcome.ts'
import { judge, setUpRig } from './rig.ts'

/**
 * A process that stops in the middle of a refresh, as a paused machine does, keeps its lock: nobody else
 * enters, and it finishes when it goes on.
 */
export async function* frozen({ quick }: FaultOptions): AsyncGenerator<Outcome> {
  await using rig = await setUpRig('strict', { timeoutSeconds: 60 })
  const oauth = { timeoutSeconds: 60 }
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<() => void>()
  rig.server.trouble = ({ response, process }) =>
    isAsked(() => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(process()))
    })
  const holder = startChild(rig, { oauth })
  try {
    const held = childEnd(holder)
    const answer = await asked
    holder.kill('SIGSTOP')
    if (!quick) await sleep(10_000)
    const waiting = await childEnd(startChild(rig, { oauth, lockWaitMs: 1_000 }))
    const entered = rig.server.requests.length
    answer()
    await sleep(200) // the answer waits at the door of a process that does not run
    holder.kill('SIGCONT')
    const { said } = await held
    const after = await childEnd(startChild(rig, { oauth }))
    yield {
      fault: 'a lock holder frozen in its request, then woken',
      ending: await judge(rig),
      requests: rig.server.requests.length,
      wrong: firstWrong({
        [`the waiter ended in ${waiting.said.ended}`]: waiting.said.ended === 'LOCK_TIMEOUT',
        'a second process sent a request': entered === 1,
        'the holder did not finish': said.ended === 'token',
        'the next did not get the token': after.said.ended === 'token',
      }),
    }
  } finally {
    holder.kill('SIGKILL')
  }
}
