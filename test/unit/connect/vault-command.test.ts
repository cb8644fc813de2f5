import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openVault } from '../../../src/connect/vault.ts'
import { readKeyFile } from '../../../src/connect/vault-key.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-vault-command-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
function fdx(key: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/fdx.js', 'vault', ...args], {
    env: { FDX_DATA_DIR: at('data'), FDX_VAULT_KEY_FILE: at(key) },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('a key is made, the vault is checked, the key is changed, the old one is refused', async () => {
  for (const key of ['old', 'new']) expect(fdx('none', 'new-key', at(key)).status).toBe(0)
  const vault = await openVault(at('data/vault'), await readKeyFile(at('old'), at('data')))
  await vault.write('c_1', { kind: 'login', generation: 1, loginId: 'MARKED-LOGIN' })

  const found = fdx('old', 'check', '--json')
  expect(found.status).toBe(0) // an orphan is no danger
  expect(JSON.parse(found.stdout)).toEqual({
    records: 1,
    findings: [{ finding: 'orphan', name: 'c_1' }],
  })

  const rotated = fdx('old', 'rotate-key', at('new'), '--json')
  expect(rotated.status).toBe(0)
  expect(JSON.parse(rotated.stdout)).toEqual({ resealed: 1, unreadable: [] })
  expect(fdx('old', 'check')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/sealed with another key/),
  })

  writeFileSync(vault.path('c_1', 'sealed'), 'MARKED-cut')
  const broken = fdx('new', 'check')
  expect(broken.status).toBe(1)
  expect(broken.stdout).toContain('unreadable')
  expect(broken.stdout + broken.stderr).not.toContain('MARKED')
})

test('a new key that cannot be used changes nothing', () => {
  expect(fdx('none', 'new-key', at('old')).status).toBe(0)
  expect(fdx('old', 'rotate-key', at('missing'))).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/the new key file does not exist/),
  })
  expect(fdx('none', 'new-key', at('new')).status).toBe(0)
  expect(fdx('old', 'rotate-key', at('new'))).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/no vault here yet/),
  })
  expect(fdx('old', 'check').status).toBe(0)
})
