import type { FdxError } from '../../src/errors.ts'
import { type FaultOptions, firstWrong, type Outcome, some } from './outcome.ts'
import { judge, setUpRig } from './rig.ts'
import { tokenFaults } from './token-faults.ts'

/** What a token server and the network in front of it can do to one refresh. */
export async function* network(options: FaultOptions): AsyncGenerator<Outcome> {
  for (const rotation of ['strict', 'grace'] as const)
    for (const fault of some(tokenFaults, 8, options)) {
      await using rig = await setUpRig(rotation, { timeoutSeconds: 0.5 })
      rig.server.trouble = fault.trouble
      const call = await rig
        .manager()
        .accessToken(rig.connection)
        .then(
          () => 'token',
          ({ code }: FdxError) => code,
        )
      const requests = rig.server.requests.length
      const ending = await judge(rig)
      const works = async () =>
        (await rig.manager().accessToken(rig.connection)).startsWith('access-')
      yield {
        fault: `${fault.name}, ${rotation} server`,
        ending,
        wrong: firstWrong({
          [`the call ended in ${call}`]: call === fault[rotation],
          [`${requests} token requests`]: requests === fault.requests,
          'flagged, or not, against expectation':
            ending.startsWith('flagged') === (fault[rotation] === 'REAUTH'),
          'the next call does not work': ending !== 'alive' || (await works()),
        }),
      }
    }
}
