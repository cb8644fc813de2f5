import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FdxError } from '../errors.ts'
import { isCode, replaceFile, syncFolder } from '../state/durable-file.ts'
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
}
export interface FlinksLogin {
  readonly kind: 'login'
  readonly generation: number
  readonly loginId: string
}
export type Secret = Grant | FlinksLogin

export interface Vault {
  /** Seals and durably replaces the connection's record. */
  write(connectionId: string, secret: Secret): Promise<void>
  /** @throws FdxError `VAULT_RECORD` when it is missing, edited, cut, of another connection or key. */
  read(connectionId: string): Promise<Secret>
  remove(connectionId: string): Promise<void>
  /** Seals bytes that belong to a connection and generation but are not its record. */
  seal(label: SealLabel, plain: Buffer): Buffer
  /** @throws FdxError `VAULT_RECORD`. */
  unseal(label: SealLabel, sealed: Buffer): Buffer
  /** Path of a file of this connection beside its record. */
  path(connectionId: string, suffix: string): string
}

/** Bound into the encryption, so that a record cannot stand in for another (AAD). */
export interface SealLabel {
  readonly connection: string
  readonly kind: 'record' | 'answer'
  /** For an answer, the generation that it makes. A record's own is inside it. */
  readonly generation: number
}

const grant = z.object({
  kind: z.literal('grant'),
  generation: z.number(),
  refreshToken: z.string().nullable(),
  accessToken: z.string().nullable(),
  receivedAt: z.number(),
  expiresAt: z.number(),
})
const login = z.object({ kind: z.literal('login'), generation: z.number(), loginId: z.string() })
const secretSchema = z.discriminatedUnion('kind', [grant, login])

const version = 1
const header = z.object({
  v: z.literal(version),
  key: z.string(),
  generation: z.number(),
  iv: z.string(),
  tag: z.string(),
  sealed: z.string(),
})

/** Opens the vault folder (0700, repaired when wider) with its key. */
export async function openVault(folder: string, key: VaultKey): Promise<Vault> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const facts = await stat(folder)
  if (process.getuid && facts.uid !== process.getuid())
    throw new FdxError('VAULT_KEY', 'the vault folder belongs to another user; run as that user')
  await chmod(folder, 0o700) // the files in it are 0600 from birth

  const path = (connectionId: string, suffix: string) => join(folder, `${connectionId}.${suffix}`)
  const bad = (what: string) =>
    new FdxError('VAULT_RECORD', `the vault record of this connection ${what}`)

  const aad = ({ connection, kind, generation }: SealLabel, keyId: string) =>
    Buffer.from(JSON.stringify([version, keyId, connection, kind, generation]))

  /** AES-256-GCM with a fresh 96-bit IV for each write and the whole 128-bit tag (SP 800-38D). */
  const seal = (label: SealLabel, plain: Buffer): Buffer => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key.bytes, iv).setAAD(aad(label, key.id))
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
    return Buffer.from(
      JSON.stringify({
        v: version,
        key: key.id,
        generation: label.generation,
        iv: iv.toString('base64'),
        tag: cipher.getAuthTag().toString('base64'),
        sealed: sealed.toString('base64'),
      }),
    )
  }

  const unseal = (label: SealLabel, bytes: Buffer): Buffer => {
    const parsed = header.safeParse(parseJson(bytes))
    if (!parsed.success) throw bad('is cut or was edited')
    const { key: keyId, iv, tag, sealed } = parsed.data
    if (keyId !== key.id) throw bad('is sealed with another key; set the key that was used')
    try {
      // Without authTagLength Node takes a tag cut to 4 bytes (DEP0182).
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(iv, 'base64'), {
        authTagLength: 16,
      })
        .setAAD(aad(label, keyId))
        .setAuthTag(Buffer.from(tag, 'base64'))
      return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()])
    } catch {
      throw bad('was edited or belongs to another connection')
    }
  }

  return {
    path,
    seal,
    unseal,
    write: async (connectionId, secret) => {
      const label = {
        connection: connectionId,
        kind: 'record',
        generation: secret.generation,
      } as const
      await replaceFile(
        path(connectionId, 'sealed'),
        seal(label, Buffer.from(JSON.stringify(secret))),
      )
    },
    read: async (connectionId) => {
      const bytes = await readFile(path(connectionId, 'sealed')).catch((error: unknown) => {
        if (isCode(error, 'ENOENT')) throw bad('is missing')
        throw error
      })
      const stated = header.safeParse(parseJson(bytes))
      if (!stated.success) throw bad('is cut or was edited')
      const label = {
        connection: connectionId,
        kind: 'record',
        generation: stated.data.generation,
      } as const
      const secret = secretSchema.safeParse(parseJson(unseal(label, bytes)))
      if (!secret.success) throw bad('has an unknown form')
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

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
