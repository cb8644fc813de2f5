import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Environment } from '../config/read.ts'
import { FdxError } from '../errors.ts'
import { isCode } from '../state/durable-file.ts'

export interface VaultKey {
  readonly bytes: Buffer
  /** Names the key in sealed records; says nothing about it. */
  readonly id: string
}

const keyBytes = 32

/**
 * The key that seals the vault, from exactly one place, in this order: `FDX_VAULT_KEY_COMMAND` (prints the
 * key; for a KMS), `FDX_VAULT_KEY_FILE` (mode 0600 or stricter, outside the data folder), `FDX_VAULT_KEY`
 * (with a warning: environments leak). There is no fallback to plain text.
 * @throws FdxError `VAULT_KEY`; the message says which source is wrong and never what it holds.
 */
export async function readVaultKey(
  env: Environment,
  dataDir: string,
  warn: (message: string) => void,
): Promise<VaultKey> {
  const command = env['FDX_VAULT_KEY_COMMAND']
  if (command) return parseKey(await runCommand(command), 'FDX_VAULT_KEY_COMMAND')
  const file = env['FDX_VAULT_KEY_FILE']
  if (file) return readKeyFile(file, dataDir, undefined, env['CREDENTIALS_DIRECTORY'])
  const text = env['FDX_VAULT_KEY']
  if (text) {
    warn(
      'the vault key comes from the environment, which leaks easily; FDX_VAULT_KEY_FILE is safer',
    )
    return parseKey(Buffer.from(text), 'FDX_VAULT_KEY')
  }
  throw new FdxError(
    'VAULT_KEY',
    'no vault key: make one with `fdx vault new-key FILE` (outside the data folder) and set FDX_VAULT_KEY_FILE to it',
  )
}

/**
 * As `readVaultKey`, from one file; `where` names it in messages.
 * @param credentials systemd's folder for the credentials of a unit (systemd.exec(5), `LoadCredential=`): files in it
 * are 0440 and of root, and an ACL lets the unit's user alone read them, which their mode shows as the group's bit.
 */
export async function readKeyFile(
  file: string,
  dataDir: string,
  where = 'the key file of FDX_VAULT_KEY_FILE',
  credentials?: string,
): Promise<VaultKey> {
  refuseInside(dataDir, file, where)
  const facts = await stat(file).catch((error: unknown) => {
    const why = isCode(error, 'ENOENT') ? 'does not exist' : 'cannot be read'
    throw new FdxError('VAULT_KEY', `${where} ${why}`)
  })
  const isCredential = credentials !== undefined && isBelow(credentials, file)
  if ((facts.mode & (isCredential ? 0o037 : 0o077)) !== 0)
    throw new FdxError('VAULT_KEY', `${where} can be read by others; run chmod 600 on it`)
  const bytes = await readFile(file).catch(() => {
    throw new FdxError('VAULT_KEY', `${where} cannot be read`)
  })
  return parseKey(bytes, where)
}

/** Whoever gets the data folder, or a copy of it, must not get its key. @throws FdxError `VAULT_KEY` */
export function refuseInside(dataDir: string, file: string, where: string): void {
  if (isBelow(dataDir, file))
    throw new FdxError('VAULT_KEY', `${where} is inside the data folder; put it elsewhere`)
}

const isBelow = (folder: string, file: string) =>
  !relative(resolve(folder), resolve(file)).startsWith('..')

async function runCommand(command: string): Promise<Buffer> {
  try {
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], {
      encoding: 'buffer',
      timeout: 30_000,
    })
    return stdout
  } catch {
    throw new FdxError('VAULT_KEY', 'the command of FDX_VAULT_KEY_COMMAND failed')
  }
}

/** 32 bytes as they are, or as 64 hexadecimal digits, or as Base64. */
function parseKey(raw: Buffer, source: string): VaultKey {
  const text = raw.toString('latin1').trim()
  const bytes =
    raw.length === keyBytes
      ? raw
      : /^[0-9a-f]{64}$/i.test(text)
        ? Buffer.from(text, 'hex')
        : /^[A-Za-z0-9+/]{43}=?$/.test(text)
          ? Buffer.from(text, 'base64')
          : Buffer.alloc(0)
  if (bytes.length !== keyBytes)
    throw new FdxError(
      'VAULT_KEY',
      `${source} must hold 32 bytes, as 64 hexadecimal digits or Base64`,
    )
  if (new Set(bytes).size < 8 || (raw.length === keyBytes && /^[\x20-\x7e]+$/.test(text)))
    throw new FdxError(
      'VAULT_KEY',
      `${source} is no random key; make one with \`fdx vault new-key FILE\``,
    )
  const id = createHash('sha256')
    .update('fdx vault key id')
    .update(bytes)
    .digest('hex')
    .slice(0, 12)
  return { bytes, id }
}

/**
 * Writes a new random key, mode 0600.
 * @throws FdxError `VAULT_KEY` when the file exists: a key is never overwritten.
 */
export async function writeNewKey(file: string): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY
  const handle = await open(file, flags, 0o600).catch((error: unknown) => {
    if (isCode(error, 'EEXIST'))
      throw new FdxError('VAULT_KEY', 'that file exists; a key is never overwritten')
    throw error
  })
  try {
    await handle.writeFile(`${randomBytes(keyBytes).toString('hex')}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
