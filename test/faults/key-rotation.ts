import { rotateKey } from '../../src/connect/rotate-key.ts'
import { openVault } from '../../src/connect/vault.ts'
import { childEnd, startChild } from './children.ts'
import { type FaultOptions, firstWrong, type Outcome, some } from './outcome.ts'
import { judge, newKey, setUpRig, startAgain, testKey } from './rig.ts'

/** SIGKILL after every file operation of a key rotation; one of the two keys reads everything, always. */
export async function* keyRotation(options: FaultOptions): AsyncGenerator<Outcome> {
  const operations = await rotate(undefined)
  const each = Array.from({ length: operations }, (_, i) => i + 1)
  for (const operation of some(each, 3, options)) {
    await using rig = await setUpRig('strict')
    await rig.vault.write('c_other', await rig.stored())
    const { signal } = await childEnd(
      startChild(rig, { rotateKey: true, dieAfterOperation: operation }),
    )
    const { folder, connection } = rig
    const reads = async (key: typeof testKey) => {
      const vault = await openVault(`${folder}/vault`, key)
      for (const id of [connection.id, 'c_other']) await vault.read(id)
      return true
    }
    const readable = await reads(newKey).catch(() => reads(testKey).catch(() => false))
    await rotateKey(`${folder}/vault`, testKey, newKey).catch(() => {}) // "already", after the last one
    const vault = await openVault(`${folder}/vault`, newKey)
    const moved = { ...rig, vault, stored: async () => (await vault.read(connection.id)) as never }
    const tokens = rig.manager({ vault })
    const token = await tokens.accessToken(connection).catch(() => '')
    yield {
      fault: `key rotation killed after file operation ${operation} of ${operations}`,
      ending: await judge(moved),
      wrong: firstWrong({
        'it was not killed': signal === 'SIGKILL',
        'a record could not be read in between': readable,
        'the refresh with the new key failed': token !== '',
        'the old key still opens the vault': await reads(testKey).then(
          () => false,
          () => true,
        ),
      }),
    }
  }

  async function rotate(dieAfterOperation: number | undefined): Promise<number> {
    await using rig = await setUpRig('strict')
    await rig.vault.write('c_other', await rig.stored())
    await startAgain(rig)
    const task = dieAfterOperation === undefined ? {} : { dieAfterOperation }
    const { said } = await childEnd(startChild(rig, { rotateKey: true, ...task }))
    return said.operations ?? 0
  }
}
