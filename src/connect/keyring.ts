import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FdxError } from '../errors.ts'
import { isCode, replaceFile } from '../state/durable-file.ts'
import { holdLock } from '../state/lock.ts'
import { anotherKey, type Keys, parseJson, sealHead, sealing } from './sealing.ts'
import type { VaultKey } from './vault-key.ts'

/**
 * A file of the vault that says which key seals it, so that a wrong key is refused at the start. While keys
 * are rotated it holds the old key, sealed with the new one: whoever has the new key reads everything, and
 * the old key opens nothing of the new (facts/reliability-security.md 4.2).
 */
const ring = z.object({
  previous: z.object({ id: z.string(), bytes: z.string() }).nullable(),
})

const label = { connection: '', kind: 'keyring', generation: 0 } as const
const file = (folder: string) => join(folder, 'keyring')

/** Whoever writes the keyring holds this. */
export const lockKeyring = (folder: string): Promise<Disposable> =>
  holdLock(join(folder, '..', 'locks', 'vault.lock'), { waitMs: 60_000 })

/**
 * The keys that open a vault folder, given the one that is set. A vault without a keyring gets one.
 * @throws FdxError `VAULT_KEY` when the vault is sealed with another key, or its keyring is damaged.
 */
export async function openKeyring(folder: string, key: VaultKey): Promise<Keys> {
  const found = await readKeyring(folder, key)
  if (found !== undefined) return found
  using _lock = await lockKeyring(folder)
  const meanwhile = await readKeyring(folder, key)
  if (meanwhile !== undefined) return meanwhile
  await refuseForeignRecord(folder, key)
  await writeKeyring(folder, key, undefined)
  return [key]
}

/** Undefined when there is no keyring yet. */
export async function readKeyring(folder: string, key: VaultKey): Promise<Keys | undefined> {
  const bytes = await readFile(file(folder)).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined
    throw new FdxError('VAULT_KEY', 'the vault’s keyring file cannot be read', { cause: error })
  })
  if (bytes === undefined) return undefined
  const stated = sealHead(bytes)
  if (stated !== undefined && stated.key !== key.id) {
    if ((await firstRecord(folder)) === undefined) return undefined // nothing is sealed: any key will do
    throw anotherKey('the vault')
  }
  const opened = ring.safeParse(stated && parseJson(openOr(bytes, key)))
  if (!opened.success)
    throw new FdxError('VAULT_KEY', 'the vault’s keyring file is damaged; restore it from a backup')
  const { previous } = opened.data
  if (previous === null) return [key]
  return [key, { id: previous.id, bytes: Buffer.from(previous.bytes, 'base64') }]
}

function openOr(bytes: Buffer, key: VaultKey): Buffer {
  try {
    return sealing([key]).unseal(label, bytes)
  } catch {
    return Buffer.alloc(0)
  }
}

export async function writeKeyring(
  folder: string,
  key: VaultKey,
  previous: VaultKey | undefined,
): Promise<void> {
  const kept = previous && { id: previous.id, bytes: previous.bytes.toString('base64') }
  const plain = Buffer.from(JSON.stringify({ previous: kept ?? null }))
  await replaceFile(file(folder), sealing([key]).seal(label, plain))
}

/** A vault that lost its keyring: its first record says which key is the right one. */
async function refuseForeignRecord(folder: string, key: VaultKey): Promise<void> {
  const name = await firstRecord(folder)
  if (name === undefined) return
  const stated = sealHead(await readFile(join(folder, name)))
  if (stated !== undefined && stated.key !== key.id) throw anotherKey('the vault')
}

const firstRecord = async (folder: string): Promise<string | undefined> =>
  (await readdir(folder)).find((name) => name.endsWith('.sealed') && !name.startsWith('.'))
