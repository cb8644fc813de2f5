import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetch } from 'undici'
import { expect, test } from 'vitest'
import { writeNewKey } from '../../../src/connect/vault-key.ts'
import { newPlace } from '../../support/fdx.ts'
import { startServe, until } from '../../support/serve.ts'

test('off a terminal the log names the file that holds the sign-in token, and never the token', async () => {
  using place = newPlace()
  const key = join(place.folder, 'vault.key')
  await writeNewKey(key)
  const file = join(place.data, 'console-token')
  // What an earlier start left, for others to read.
  mkdirSync(place.data, { mode: 0o700 })
  writeFileSync(file, 'old\n', { mode: 0o644 })
  await using serving = await startServe({ FDX_DATA_DIR: place.data, FDX_VAULT_KEY_FILE: key }, [
    '--only',
    'console',
  ])
  await until(() => serving.lines().some(({ tokenFile }) => tokenFile !== undefined))
  expect(serving.lines().map(({ tokenFile }) => tokenFile)).toContain(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const token = readFileSync(file, 'utf8').trim()
  expect(token).toMatch(/^[\w-]{43}$/)
  const signIn = async (word: string) => {
    const { status, headers } = await fetch(`${serving.url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: serving.url, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: word }),
    })
    return [status, headers.get('location')]
  }
  expect(await signIn(token)).toEqual([303, '/'])
  expect(await signIn('old')).toEqual([401, null])
  expect(serving.log()).not.toContain(token)
})
