import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { FdxError } from '../errors.ts'
import type { VaultKey } from './vault-key.ts'

/** Bound into the encryption, so that nothing sealed can stand in for another (AAD). */
export interface SealLabel {
  readonly connection: string
  readonly kind: 'record' | 'answer' | 'keyring'
  /** For an answer, the generation that it makes. A record's own is inside it. */
  readonly generation: number
}

/** The first key seals; each of them opens what names it. */
export type Keys = readonly [VaultKey, ...VaultKey[]]

const version = 1
const head = z.object({
  v: z.literal(version),
  key: z.string(),
  generation: z.number(),
  iv: z.string(),
  tag: z.string(),
  sealed: z.string(),
})

export const badRecord = (what: string) =>
  new FdxError('VAULT_RECORD', `the vault record of this connection ${what}`)

export const anotherKey = (what: string) =>
  new FdxError(
    'VAULT_KEY',
    `${what} is sealed with another key; set the key that was used, or finish \`fdx vault rotate-key\``,
  )

/** What sealed bytes say of themselves before they are opened; undefined when they are not sealed bytes. */
export function sealHead(bytes: Buffer): { key: string; generation: number } | undefined {
  const parsed = head.safeParse(parseJson(bytes))
  return parsed.success ? parsed.data : undefined
}

/** AES-256-GCM with a fresh 96-bit IV for each write and the whole 128-bit tag (SP 800-38D). */
export function sealing(keys: Keys) {
  const aad = ({ connection, kind, generation }: SealLabel, keyId: string) =>
    Buffer.from(JSON.stringify([version, keyId, connection, kind, generation]))

  const seal = (label: SealLabel, plain: Buffer): Buffer => {
    const [key] = keys
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
    const parsed = head.safeParse(parseJson(bytes))
    if (!parsed.success) throw badRecord('is cut or was edited')
    const { key: keyId, iv, tag, sealed } = parsed.data
    const key = keys.find(({ id }) => id === keyId)
    if (key === undefined) throw anotherKey('the vault record of this connection')
    try {
      // Without authTagLength Node takes a tag cut to 4 bytes (DEP0182).
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(iv, 'base64'), {
        authTagLength: 16,
      })
        .setAAD(aad(label, keyId))
        .setAuthTag(Buffer.from(tag, 'base64'))
      return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()])
    } catch {
      throw badRecord('was edited or belongs to another connection')
    }
  }

  return { seal, unseal }
}

export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
