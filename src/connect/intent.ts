import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile, unlink } from 'node:fs/promises'
import { z } from 'zod'
import { FdxError } from '../errors.ts'
import { isCode, replaceFile } from '../state/durable-file.ts'
import type { Vault } from './vault.ts'

/**
 * The write-ahead intent of a token refresh (facts/reliability-security.md 3.4): written and synced before
 * the request is sent, with blank room in it, so that the answer needs no new disk space and no rename to
 * become durable. Layout: a JSON head padded to `headBytes`, then the room: 4 bytes of length (big endian)
 * and the sealed answer.
 */
export interface Intent {
  /** SHA-256 of the refresh token that is being spent, cut: names it without holding it. */
  readonly fingerprint: string
  /** Generation of the record that is being replaced. */
  readonly generation: number
  readonly at: number
  /** Requests sent for this intent, whose outcome is unknown. */
  readonly attempts: number
  /** What the server answered, when it reached the disk. */
  readonly answer: Buffer | undefined
}

const headBytes = 512
/** Many times an ordinary answer. A larger one, up to what the transport takes, makes the file grow. */
const roomBytes = 32 * 1024
const head = z.object({
  fingerprint: z.string(),
  generation: z.number(),
  at: z.number(),
  attempts: z.number(),
})

export const fingerprint = (token: string) =>
  createHash('sha256').update(token).digest('hex').slice(0, 16)

const file = (vault: Vault, connectionId: string) => vault.path(connectionId, 'intent')

/** Makes the intent durable, with its room reserved. Throws the disk's error: then nothing may be sent. */
export async function writeIntent(
  vault: Vault,
  connectionId: string,
  intent: Omit<Intent, 'answer'>,
): Promise<void> {
  await replaceFile(file(vault, connectionId), layOut(intent))
}

function layOut(intent: Omit<Intent, 'answer'>): Buffer {
  const bytes = Buffer.alloc(headBytes + roomBytes, ' ')
  bytes.write(JSON.stringify(head.parse(intent)))
  return bytes.fill(0, headBytes)
}

const answerLabel = (connection: string, generation: number) =>
  ({ connection, kind: 'answer', generation }) as const

/** Puts the answer's bytes on disk, sealed, before anybody reads them. */
export async function journalAnswer(
  vault: Vault,
  connectionId: string,
  generation: number,
  answer: Buffer,
): Promise<void> {
  const framed = frame(vault.seal(answerLabel(connectionId, generation), answer))
  const handle = await open(file(vault, connectionId), constants.O_WRONLY)
  try {
    await handle.write(framed, 0, framed.length, headBytes)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

function frame(sealed: Buffer): Buffer {
  const framed = Buffer.alloc(4 + sealed.length)
  framed.writeUInt32BE(sealed.length)
  sealed.copy(framed, 4)
  return framed
}

/** Of no record: an intent file that cannot be read is dropped like one that was settled. */
const unreadable: Intent = {
  fingerprint: '',
  generation: -1,
  at: 0,
  attempts: 0,
  answer: undefined,
}

/** The open intent of a connection, if there is one. A journalled answer that is torn counts as none. */
export async function readIntent(vault: Vault, connectionId: string): Promise<Intent | undefined> {
  const bytes = await readFile(file(vault, connectionId)).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined
    throw new FdxError('TOKEN_UNAVAILABLE', 'the intent of this connection cannot be read now', {
      cause: error,
    })
  })
  if (bytes === undefined) return undefined
  const stated = parseHead(bytes)
  if (stated === undefined) return unreadable
  const length = bytes.length >= headBytes + 4 ? bytes.readUInt32BE(headBytes) : 0
  if (length === 0) return { ...stated, answer: undefined }
  try {
    const sealed = bytes.subarray(headBytes + 4, headBytes + 4 + length)
    const label = answerLabel(connectionId, stated.generation + 1)
    return { ...stated, answer: vault.unseal(label, sealed) }
  } catch {
    return { ...stated, answer: undefined }
  }
}

function parseHead(bytes: Buffer) {
  try {
    return head.parse(JSON.parse(bytes.subarray(0, headBytes).toString('utf8').trim()))
  } catch {
    return undefined
  }
}

/** Seals a journalled answer anew with the vault's own key, in one durable step (key rotation). */
export async function resealIntent(vault: Vault, connectionId: string): Promise<void> {
  const intent = await readIntent(vault, connectionId)
  if (intent?.answer === undefined) return
  const { answer, ...stated } = intent
  const bytes = layOut(stated)
  frame(vault.seal(answerLabel(connectionId, stated.generation + 1), answer)).copy(bytes, headBytes)
  await replaceFile(file(vault, connectionId), bytes)
}

/**
 * Best effort, and not flushed: an intent that stays, or comes back after a power cut, is of an older
 * generation, or repeats a doubt that only changes the words of a later refusal.
 */
export async function dropIntent(vault: Vault, connectionId: string): Promise<void> {
  await unlink(file(vault, connectionId)).catch(() => {})
}
