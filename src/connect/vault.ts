import { constants } from 'node:fs'
import { chmod, mkdir, open, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FdxError } from '../errors.ts'
import { isCode, replaceFile, syncFolder } from '../state/durable-file.ts'
import { openKeyring } from './keyring.ts'
import { badRecord, type Keys, parseJson, type SealLabel, sealHead, sealing } from './sealing.ts'
import type { VaultKey } from './vault-key.ts'

/** What a connection keeps secret. `generation` rises by one with every change of the record. */
export interface Grant {
  readonly kind: 'grant'
  readonly generation: number
  readonly refreshToken: string | null
  readonly accessToken: string | null
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
  readonly expiresAt: number
  /** Whether a refresh has given a new refresh token here; undefined until the first refresh. */
  readonly rotates?: boolean | undefined
  /** Private JWK that the tokens are bound to (RFC 9449). */
  readonly dpopKey?: string | undefined
}
export interface FlinksLogin {
  readonly kind: 'login'
  readonly generation: number
  readonly loginId: string
}
export type Secret = Grant | FlinksLogin

export interface Vault {
  readonly folder: string
  /** Seals and durably replaces the connection's record. */
  write(connectionId: string, secret: Secret): Promise<void>
  /**
   * @throws FdxError `VAULT_RECORD` when it is missing, edited, cut or of another connection, `VAULT_KEY`
   *   when it is sealed with another key or of another user, `TOKEN_UNAVAILABLE` when the system cannot
   *   read it now.
   */
  read(connectionId: string): Promise<Secret>
  remove(connectionId: string): Promise<void>
  /** Connections that have a record, or an open intent, sorted. */
  list(suffix: 'sealed' | 'intent'): Promise<string[]>
  /** Seals bytes that belong to a connection and generation but are not its record. */
  seal(label: SealLabel, plain: Buffer): Buffer
  /** @throws FdxError `VAULT_RECORD`, `VAULT_KEY`. */
  unseal(label: SealLabel, sealed: Buffer): Buffer
  /** Path of a file of this connection beside its record. */
  path(connectionId: string, suffix: string): string
}

const grant = z.object({
  kind: z.literal('grant'),
  generation: z.number(),
  refreshToken: z.string().nullable(),
  accessToken: z.string().nullable(),
  receivedAt: z.number(),
  expiresAt: z.number(),
  rotates: z.boolean().optional(),
  dpopKey: z.string().optional(),
})
const login = z.object({ kind: z.literal('login'), generation: z.number(), loginId: z.string() })
const secretSchema = z.discriminatedUnion('kind', [grant, login])

/**
 * Opens the vault folder (0700, repaired when wider) with its key.
 * @throws FdxError `VAULT_KEY` when the folder is another user's, or sealed with another key.
 */
export async function openVault(folder: string, key: VaultKey): Promise<Vault> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const facts = await stat(folder)
  if (isForeign(facts))
    throw new FdxError('VAULT_KEY', 'the vault folder belongs to another user; run as that user')
  await chmod(folder, 0o700)
  return vaultOf(folder, await openKeyring(folder, key))
}

/** Writes with the first key, reads with any. */
export function vaultOf(folder: string, keys: Keys): Vault {
  const { seal, unseal } = sealing(keys)
  const path = (connectionId: string, suffix: string) => join(folder, `${connectionId}.${suffix}`)
  const label = (connection: string, generation: number) =>
    ({ connection, kind: 'record', generation }) as const

  return {
    folder,
    path,
    seal,
    unseal,
    list: async (suffix) => {
      const ending = `.${suffix}`
      const names = (await readdir(folder)).filter(
        (name) => name.endsWith(ending) && !name.startsWith('.'),
      )
      return names.map((name) => name.slice(0, -ending.length)).sort()
    },
    write: async (connectionId, secret) => {
      const plain = Buffer.from(JSON.stringify(secret))
      await replaceFile(
        path(connectionId, 'sealed'),
        seal(label(connectionId, secret.generation), plain),
      )
    },
    read: async (connectionId) => {
      const bytes = await readPrivate(path(connectionId, 'sealed'))
      const stated = sealHead(bytes)
      if (stated === undefined) throw badRecord('is cut or was edited')
      const plain = unseal(label(connectionId, stated.generation), bytes)
      const secret = secretSchema.safeParse(parseJson(plain))
      if (!secret.success) throw badRecord('has an unknown form')
      return secret.data
    },
    remove: async (connectionId) => {
      for (const suffix of ['sealed', 'intent'])
        await unlink(path(connectionId, suffix)).catch((error: unknown) => {
          if (!isCode(error, 'ENOENT')) throw error
        })
      await syncFolder(folder)
    },
  }
}

/** Whether a file or folder is of another user than the one this process runs as. */
export const isForeign = ({ uid }: { readonly uid: number }): boolean =>
  process.getuid !== undefined && uid !== process.getuid()

/**
 * Reads a file that must be this user's alone; a wider mode is repaired, a link is not followed. A system
 * that fails for now (too many open files, an I/O error) must not cost a person a new consent.
 */
async function readPrivate(file: string): Promise<Buffer> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW
  const handle = await open(file, flags).catch((cause: unknown) => {
    if (isCode(cause, 'ENOENT')) throw badRecord('is missing')
    if (isCode(cause, 'ELOOP')) throw badRecord('is a link')
    throw unreadable(cause)
  })
  try {
    const facts = await handle.stat()
    if (isForeign(facts))
      throw new FdxError('VAULT_KEY', 'a vault record belongs to another user; run as that user')
    if ((facts.mode & 0o077) !== 0) await handle.chmod(0o600)
    return await handle.readFile()
  } catch (cause) {
    throw cause instanceof FdxError ? cause : unreadable(cause)
  } finally {
    await handle.close()
  }
}

const unreadable = (cause: unknown) =>
  new FdxError('TOKEN_UNAVAILABLE', 'the vault record of this connection cannot be read now', {
    cause,
  })
