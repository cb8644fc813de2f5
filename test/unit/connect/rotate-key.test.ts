import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkVault } from '../../../src/connect/check-vault.ts'
import { journalAnswer, readIntent, writeIntent } from '../../../src/connect/intent.ts'
import { rotateKey } from '../../../src/connect/rotate-key.ts'
import { openVault, type Secret } from '../../../src/connect/vault.ts'
import { type Connection, saveConnection } from '../../../src/state/connections.ts'
import { openState } from '../../../src/state/state.ts'

let root = ''
let folder = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fdx-rotate-'))
  folder = join(root, 'vault')
})
afterEach(() => rmSync(root, { recursive: true }))

const key = (fill: number) => ({ bytes: Buffer.alloc(32, fill), id: `key-${fill}` })
const secret: Secret = { kind: 'login', generation: 3, loginId: 'MARKED-LOGIN' }
const ids = ['c_1', 'c_2', 'c_3', 'c_4']
const answer = Buffer.from('{"refresh_token":"MARKED-TOKEN"}')

async function filled() {
  const vault = await openVault(folder, key(1))
  for (const id of ids) await vault.write(id, secret)
  await writeIntent(vault, 'c_2', { fingerprint: 'f', generation: 3, at: 0, attempts: 1 })
  await journalAnswer(vault, 'c_2', 4, answer)
  return vault
}

test('every record and journalled answer is sealed with the new key, and the old one opens nothing', async () => {
  await filled()
  expect(await rotateKey(folder, key(1), key(2))).toEqual({ resealed: 4, unreadable: [] })
  await expect(openVault(folder, key(1))).rejects.toMatchObject({ code: 'VAULT_KEY' })
  const vault = await openVault(folder, key(2))
  for (const id of ids) {
    expect(await vault.read(id)).toEqual(secret)
    expect(readFileSync(vault.path(id, 'sealed'), 'utf8')).toContain('"key-2"')
  }
  expect((await readIntent(vault, 'c_2'))?.answer).toEqual(answer)
})

test('interrupted after each record: the new key reads everything, and the same call goes on', async () => {
  await filled()
  for (const _ of ids) {
    const stopped = rotateKey(folder, key(1), key(2), () => {
      throw new Error('stopped')
    })
    await expect(stopped).rejects.toThrow('stopped')
    const vault = await openVault(folder, key(2))
    for (const id of ids) expect(await vault.read(id)).toEqual(secret)
    expect((await readIntent(vault, 'c_2'))?.answer).toEqual(answer)
  }
  expect(await rotateKey(folder, key(2), key(2))).toMatchObject({ resealed: 0 })
  await expect(rotateKey(folder, key(2), key(2))).rejects.toThrow(/already/)
})

test('a record that a process with the old key adds later is taken along', async () => {
  const old = await filled()
  await rotateKey(folder, key(1), key(2))
  await old.write('c_9', secret)
  const vault = await openVault(folder, key(2))
  await expect(vault.read('c_9')).rejects.toMatchObject({ code: 'VAULT_KEY' })
  expect(await rotateKey(folder, key(1), key(2))).toMatchObject({ resealed: 1 })
  expect(await vault.read('c_9')).toEqual(secret)
})

test('a wrong old key changes nothing; a third key waits for the first rotation’s end', async () => {
  await filled()
  await expect(rotateKey(folder, key(9), key(2))).rejects.toMatchObject({ code: 'VAULT_KEY' })
  await openVault(folder, key(1))
  const stopped = rotateKey(folder, key(1), key(2), () => {
    throw new Error('stopped')
  })
  await expect(stopped).rejects.toThrow()
  await expect(rotateKey(folder, key(2), key(3))).rejects.toThrow(/earlier rotation/)
})

test('a record that no key opens is named, left alone, and the old key is kept for it', async () => {
  await filled()
  writeFileSync(join(folder, 'c_3.sealed'), 'cut')
  expect(await rotateKey(folder, key(1), key(2))).toEqual({ resealed: 3, unreadable: ['c_3'] })
  expect(readFileSync(join(folder, 'c_3.sealed'), 'utf8')).toBe('cut')
})

test('a check finds what is unreadable, missing, orphaned, open, wide or left over', async () => {
  await filled()
  const vault = await openVault(folder, key(1))
  using state = openState(':memory:')
  for (const id of ['c_1', 'c_2', 'c_3', 'c_5']) saveConnection(state, connection(id))
  expect((await checkVault(vault, state, Date.now())).findings).toEqual([
    { finding: 'missing', name: 'c_5' },
    { finding: 'orphan', name: 'c_4' },
    { finding: 'intent_open', name: 'c_2' },
  ])
  writeFileSync(join(folder, 'c_1.sealed'), 'cut')
  writeFileSync(join(folder, 'wide'), '', { mode: 0o644 })
  writeFileSync(join(folder, '.c_1.sealed.tmp'), '', { mode: 0o600 })
  utimesSync(join(folder, '.c_1.sealed.tmp'), 0, 0)
  writeFileSync(join(folder, '.c_3.sealed.tmp'), '', { mode: 0o600 }) // a writer at work
  const { findings, records } = await checkVault(vault, state, Date.now())
  expect(records).toBe(4)
  expect(findings).toContainEqual({ finding: 'unreadable', name: 'c_1' })
  expect(findings).toContainEqual({ finding: 'mode_repaired', name: 'wide' })
  expect(findings).toContainEqual({ finding: 'leftover_removed', name: '.c_1.sealed.tmp' })
  expect(findings).not.toContainEqual({ finding: 'leftover_removed', name: '.c_3.sealed.tmp' })
  const after = (await checkVault(vault, state, Date.now())).findings
  expect(after.map(({ finding }) => finding)).not.toContain('mode_repaired')
})

const connection = (id: string): Connection => ({
  id,
  provider: 'bank',
  protocol: 'flinks',
  subject: null,
  label: '',
  state: 'active',
  reason: '',
  scopes: '',
  consent_given_at: null,
  consent_ends_at: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  last_good_at: null,
})
