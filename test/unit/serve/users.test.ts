import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataPaths } from '../../../src/config/settings.ts'
import { saveUser, usersFile, watchUsers } from '../../../src/serve/sql-endpoint/auth/users.ts'

test('a users file that is damaged is told once, and who could log in still can', async () => {
  const paths = dataPaths(mkdtempSync(join(tmpdir(), 'fdx-users-')))
  await saveUser(paths, { name: 'ada', role: 'owner', password: 'a long password' })
  const faults: unknown[] = []
  const users = watchUsers(paths, (error) => faults.push(error))
  const names = () => users().map(({ name }) => name)
  expect(names()).toEqual(['ada'])
  writeFileSync(usersFile(paths), '{', { mode: 0o600 })
  expect([names(), names()]).toEqual([['ada'], ['ada']])
  expect(faults).toHaveLength(1)
})
