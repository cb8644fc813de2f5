import { constants } from 'node:fs'
import { mkdir, open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Flushes a folder, so that a rename or a new file in it survives a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Replaces a file so that after any crash it holds either the old bytes or the new: new file beside it
 * (O_EXCL, 0600), fsync, rename, fsync of the folder (facts/reliability-security.md 4.4). Two writers of
 * one file must hold a lock. Bytes that come one after the other are written as they come; when their source
 * fails, nothing is replaced.
 */
export async function replaceFile(
  file: string,
  bytes: Buffer | string | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = join(folder, `.${basename(file)}.tmp`)
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW
  const handle = await open(temporary, flags, 0o600).catch(async (error: unknown) => {
    if (!isCode(error, 'EEXIST')) throw error
    await unlink(temporary) // left by a killed writer; whoever holds the lock may sweep it
    return open(temporary, flags, 0o600)
  })
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    await handle.close()
    await unlink(temporary).catch(() => {})
    throw error
  }
  await handle.close()
  await rename(temporary, file)
  await syncFolder(folder)
}

/** Whether a caught value is a Node system error of this code. */
export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
