import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { FdxError } from '../errors.ts'
import { lockConnection } from './connection-lock.ts'
import { resealIntent } from './intent.ts'
import { lockKeyring, openKeyring, readKeyring, writeKeyring } from './keyring.ts'
import { type Keys, sealHead } from './sealing.ts'
import { type Vault, vaultOf } from './vault.ts'
import type { VaultKey } from './vault-key.ts'

export interface Rotation {
  /** Records sealed anew by this call; those that a call before it had done are not counted. */
  readonly resealed: number
  /** Connections whose record opens with neither key: left as they are. */
  readonly unreadable: readonly string[]
}

/**
 * Seals every record of a vault with a new key, each under its connection's lock, while other processes
 * work. It may be interrupted at any point: the same call goes on where it stopped, and with the new key set
 * everything can be read meanwhile. The old key is forgotten when no record names it.
 * @throws FdxError `VAULT_KEY` (neither key is the vault's, both are one, an earlier rotation is not
 *   finished), `LOCK_TIMEOUT`, `DISK_FULL`.
 */
export async function rotateKey(
  folder: string,
  from: VaultKey,
  to: VaultKey,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<Rotation> {
  const keys = await begin(folder, from, to)
  const vault = vaultOf(folder, keys)
  const unreadable: string[] = []
  let resealed = 0
  // A process that still has the old key may add a record while we work: look again until there is none.
  for (;;) {
    const ids = await leftToDo(vault, to, unreadable)
    if (ids.length === 0) break
    for (const [at, id] of ids.entries()) {
      if (await reseal(vault, id)) resealed += 1
      else unreadable.push(id)
      onProgress(at + 1, ids.length)
    }
  }
  using _lock = await lockKeyring(folder)
  if (unreadable.length === 0) await writeKeyring(folder, to, undefined)
  return { resealed, unreadable }
}

/** From here on the new key opens the vault, and the old one no longer does. */
async function begin(folder: string, from: VaultKey, to: VaultKey): Promise<Keys> {
  if (!existsSync(folder))
    throw new FdxError(
      'VAULT_KEY',
      'there is no vault here yet; set the new key and connect somebody',
    )
  const going = await readKeyring(folder, to).catch(notYet)
  if (going !== undefined) {
    if (going.length === 1 && from.id === to.id)
      throw new FdxError('VAULT_KEY', 'the vault is sealed with that key already')
    return going.length > 1 ? going : [to, from]
  }
  const keys = await openKeyring(folder, from)
  if (keys.length > 1)
    throw new FdxError(
      'VAULT_KEY',
      'an earlier rotation is not finished; run `fdx vault rotate-key` with its new key first',
    )
  using _lock = await lockKeyring(folder)
  await writeKeyring(folder, to, from)
  return [to, from]
}

function notYet(error: unknown): undefined {
  if (!(error instanceof FdxError && error.code === 'VAULT_KEY')) throw error
  return undefined
}

async function leftToDo(vault: Vault, to: VaultKey, skip: readonly string[]): Promise<string[]> {
  const left: string[] = []
  for (const id of await vault.list('sealed'))
    if (!skip.includes(id) && (await keyOf(vault, id)) !== to.id) left.push(id)
  return left
}

const keyOf = async (vault: Vault, id: string): Promise<string | undefined> =>
  readFile(vault.path(id, 'sealed')).then(
    (bytes) => sealHead(bytes)?.key,
    () => undefined,
  )

/** The journalled answer first: it may hold a newer token than the record. */
async function reseal(vault: Vault, id: string): Promise<boolean> {
  using _lock = await lockConnection(vault, id)
  await resealIntent(vault, id)
  try {
    await vault.write(id, await vault.read(id))
    return true
  } catch (error) {
    if (error instanceof FdxError) return false
    throw new FdxError('DISK_FULL', 'the disk takes no more; make room and run it again', {
      cause: error,
    })
  }
}
