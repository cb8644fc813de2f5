import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openVault, type Secret } from '../../../src/connect/vault.ts'
import { readVaultKey, writeNewKey } from '../../../src/connect/vault-key.ts'

let folder = ''
let vaultDir = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-vault-'))
  vaultDir = join(folder, 'data', 'vault')
})
afterEach(() => rmSync(folder, { recursive: true }))

const key = (fill: number) => ({ bytes: Buffer.alloc(32, fill), id: `key-${fill}` })
const secret: Secret = { kind: 'login', generation: 3, loginId: 'MARKED-LOGIN' }

test('what is sealed can be read, and only with its key', async () => {
  const vault = await openVault(vaultDir, key(1))
  await vault.write('c_1', secret)
  expect(await vault.read('c_1')).toEqual(secret)
  expect(readFileSync(join(vaultDir, 'c_1.sealed'), 'latin1')).not.toContain('MARKED')
  await expect(openVault(vaultDir, key(2))).rejects.toMatchObject({
    code: 'VAULT_KEY',
    message: expect.stringMatching(/another key/),
  })
})

test('a wrong key is refused even where the keyring was lost', async () => {
  await (await openVault(vaultDir, key(1))).write('c_1', secret)
  rmSync(join(vaultDir, 'keyring'))
  await expect(openVault(vaultDir, key(2))).rejects.toMatchObject({ code: 'VAULT_KEY' })
  expect(await (await openVault(vaultDir, key(1))).read('c_1')).toEqual(secret)
})

test('a damaged keyring is told, and an empty vault takes any key', async () => {
  await openVault(vaultDir, key(1))
  const vault = await openVault(vaultDir, key(2))
  await vault.write('c_1', secret)
  edit(join(vaultDir, 'keyring'), (r) => ({ ...r, tag: String(r['sealed']).slice(0, 22) }))
  await expect(openVault(vaultDir, key(2))).rejects.toMatchObject({
    code: 'VAULT_KEY',
    message: expect.stringMatching(/damaged/),
  })
})

test.each<[string, (file: string) => void]>([
  ['copied from another connection', (file) => cpSync(file, file.replace('c_1', 'c_2'))],
  ['cut', (file) => truncateSync(file, 60)],
  ['empty', (file) => truncateSync(file, 0)],
  ['with another generation', (file) => edit(file, (r) => ({ ...r, generation: 4 }))],
  [
    'with a flipped bit',
    (file) => edit(file, (r) => ({ ...r, sealed: `A${String(r['sealed']).slice(1)}` })),
  ],
  ['with a short tag', (file) => edit(file, (r) => ({ ...r, tag: 'AAAA' }))],
  ['missing', (file) => rmSync(file)],
])('a record that is %s is refused by name', async (name, change) => {
  const vault = await openVault(vaultDir, key(1))
  await vault.write('c_1', secret)
  change(join(vaultDir, 'c_1.sealed'))
  const id = name.startsWith('copied') ? 'c_2' : 'c_1'
  await expect(vault.read(id)).rejects.toMatchObject({ code: 'VAULT_RECORD' })
})

test('files and folder are for their user alone, and repaired', async () => {
  await (await openVault(vaultDir, key(1))).write('c_1', secret)
  chmodSync(vaultDir, 0o755)
  await openVault(vaultDir, key(1))
  expect(statSync(vaultDir).mode & 0o777).toBe(0o700)
  expect(statSync(join(vaultDir, 'c_1.sealed')).mode & 0o777).toBe(0o600)
  chmodSync(join(vaultDir, 'c_1.sealed'), 0o644)
  await (await openVault(vaultDir, key(1))).read('c_1')
  expect(statSync(join(vaultDir, 'c_1.sealed')).mode & 0o777).toBe(0o600)
})

test.runIf(process.getuid?.() === 0)('a folder or record of another user is refused', async () => {
  const vault = await openVault(vaultDir, key(1))
  await vault.write('c_1', secret)
  chownSync(join(vaultDir, 'c_1.sealed'), 12_345, 12_345)
  await expect(vault.read('c_1')).rejects.toThrow(/belongs to another user/)
  chownSync(vaultDir, 12_345, 12_345)
  await expect(openVault(vaultDir, key(1))).rejects.toMatchObject({ code: 'VAULT_KEY' })
})

test('a record that is a link is not followed', async () => {
  const vault = await openVault(vaultDir, key(1))
  await vault.write('c_1', secret)
  symlinkSync(join(vaultDir, 'c_1.sealed'), join(vaultDir, 'c_2.sealed'))
  await expect(vault.read('c_2')).rejects.toMatchObject({
    code: 'VAULT_RECORD',
    message: expect.stringMatching(/a link/),
  })
})

test('what the system cannot read now costs nobody a new consent', async () => {
  const vault = await openVault(vaultDir, key(1))
  mkdirSync(join(vaultDir, 'c_1.sealed'))
  await expect(vault.read('c_1')).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE' })
})

const ignore = () => {}

test('a new key file works, and is never overwritten', async () => {
  const file = join(folder, 'key')
  await writeNewKey(file)
  const read = await readVaultKey({ FDX_VAULT_KEY_FILE: file }, join(folder, 'data'), ignore)
  expect(read.bytes).toHaveLength(32)
  await expect(writeNewKey(file)).rejects.toMatchObject({ code: 'VAULT_KEY' })
})

test.each<[string, string | undefined, number, RegExp]>([
  ['missing', undefined, 0o600, /does not exist/],
  ['short', 'abc', 0o600, /32 bytes/],
  ['readable by others', 'f0'.repeat(32), 0o644, /chmod 600/],
  ['all one byte', '00'.repeat(32), 0o600, /no random key/],
  ['a passphrase', 'correct horse battery staple 123', 0o600, /no random key/],
])('a key file that is %s is refused', async (_name, text, mode, message) => {
  const file = join(folder, 'key')
  if (text !== undefined) writeFileSync(file, text, { mode })
  await expect(
    readVaultKey({ FDX_VAULT_KEY_FILE: file }, join(folder, 'data'), ignore),
  ).rejects.toMatchObject({ code: 'VAULT_KEY', message: expect.stringMatching(message) })
})

test('a credential that systemd hands over may be read by the group; a file beside it may not', async () => {
  const data = join(folder, 'data')
  const credentials = join(folder, 'credentials')
  mkdirSync(credentials)
  for (const [place, mode] of [
    [credentials, 0o440],
    [folder, 0o440],
    [credentials, 0o444],
  ] as const) {
    const file = join(place, `key-${mode}`)
    await writeNewKey(file)
    chmodSync(file, mode)
    const env = { FDX_VAULT_KEY_FILE: file, CREDENTIALS_DIRECTORY: credentials }
    const read = readVaultKey(env, data, ignore)
    if (place === credentials && mode === 0o440) expect((await read).bytes).toHaveLength(32)
    else await expect(read).rejects.toThrow(/chmod 600/)
  }
})

test('a key inside the data folder, no key, a failing command: each is refused', async () => {
  const data = join(folder, 'data')
  const inside = { FDX_VAULT_KEY_FILE: join(data, 'key') }
  await expect(readVaultKey(inside, data, ignore)).rejects.toThrow(/inside the data folder/)
  await expect(readVaultKey({}, data, ignore)).rejects.toThrow(/fdx vault new-key/)
  await expect(readVaultKey({ FDX_VAULT_KEY_COMMAND: 'exit 3' }, data, ignore)).rejects.toThrow(
    /failed/,
  )
})

test('the key of a command, and of the environment with a warning', async () => {
  const text = Buffer.from(Array.from({ length: 32 }, (_, i) => i * 7)).toString('base64')
  const byCommand = await readVaultKey({ FDX_VAULT_KEY_COMMAND: `echo ${text}` }, 'data', ignore)
  const warnings: string[] = []
  const byEnvironment = await readVaultKey({ FDX_VAULT_KEY: text }, 'data', (w) => warnings.push(w))
  expect(byEnvironment.id).toBe(byCommand.id)
  expect(warnings.join()).toContain('leaks')
})

function edit(file: string, change: (record: Record<string, unknown>) => unknown): void {
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))))
}
