import { type Failpoint, failpoints } from '../../src/connect/refresh.ts'
import type { Trouble } from '../support/token-server.ts'
import { childEnd, startChild } from './children.ts'
import { type FaultOptions, firstWrong, type Outcome, some } from './outcome.ts'
import { type Ending, judge, type Rig, setUpRig, startAgain } from './rig.ts'

const reset: Trouble = ({ request }) => request.socket.resetAndDestroy()
const refuse: Trouble = ({ response }) => {
  response.writeHead(400, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: 'invalid_grant' }))
}

/** What the server does so that a refresh comes to this place; nothing where it always does. */
const wayTo: Partial<Record<Failpoint, Trouble>> = { retry_waited: reset, flagged: refuse }

/** Only there a killed client has spent a token at a strict server and kept nothing of the answer. */
const strictEnding: Partial<Record<Failpoint, Ending>> = {
  answer_in_memory: 'flagged as lost',
  flagged: 'flagged as refused',
}
const graceEnding: Partial<Record<Failpoint, Ending>> = { flagged: 'flagged as refused' }

/** SIGKILL at every failpoint of a refresh and after every file operation, then a start as always. */
export async function* kills(options: FaultOptions): AsyncGenerator<Outcome> {
  for (const rotation of ['strict', 'grace'] as const) {
    for (const point of some(failpoints, rotation === 'strict' ? failpoints.length : 2, options)) {
      await using rig = await setUpRig(rotation)
      rig.server.trouble = wayTo[point]
      const { signal } = await childEnd(startChild(rig, { dieAt: point }))
      const expected = (rotation === 'strict' ? strictEnding : graceEnding)[point] ?? 'alive'
      yield await afterStart(rig, `killed at ${point}, ${rotation} server`, signal, (ending) =>
        ending === expected ? '' : `expected ${expected}`,
      )
    }
    const operations = await countOperations()
    const each = Array.from({ length: operations }, (_, i) => i + 1)
    for (const operation of some(each, 3, options)) {
      await using rig = await setUpRig(rotation)
      const { signal } = await childEnd(startChild(rig, { dieAfterOperation: operation }))
      const sent = rig.server.requests.length > 0
      yield await afterStart(
        rig,
        `killed after file operation ${operation} of ${operations}, ${rotation} server`,
        signal,
        (ending) =>
          ending === 'alive' || (rotation === 'strict' && sent && ending === 'flagged as lost')
            ? ''
            : 'expected alive',
      )
    }
  }
}

async function countOperations(): Promise<number> {
  await using rig = await setUpRig('strict')
  const { said } = await childEnd(startChild(rig, {}))
  return said.operations ?? 0
}

async function afterStart(
  rig: Rig,
  fault: string,
  signal: string | null,
  unexpected: (ending: Ending) => string,
): Promise<Outcome> {
  await startAgain(rig)
  const ending = await judge(rig)
  const wrong = firstWrong({
    'it was not killed': signal === 'SIGKILL',
    'more than 3 token requests': rig.server.requests.length <= 3,
    'an intent is still open': ending !== 'alive' || (await rig.vault.list('intent')).length === 0,
  })
  return { fault, ending, wrong: wrong || unexpected(ending) }
}
