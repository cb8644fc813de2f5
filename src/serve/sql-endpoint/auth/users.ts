import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type SqlRole, sqlRoles } from '../../../config/serve.ts'
import type { DataPaths } from '../../../config/settings.ts'
import { FdxError } from '../../../errors.ts'
import { replaceFile } from '../../../state/durable-file.ts'
import { holdLock } from '../../../state/lock.ts'
import { makeVerifier, parseVerifier } from './scram.ts'

export interface SqlUser {
  readonly name: string
  readonly role: SqlRole
  /** SCRAM-SHA-256 verifier in PostgreSQL's form; the password itself is nowhere. */
  readonly verifier: string
}

export const usersFile = (paths: DataPaths) => join(paths.root, 'sql-users.json')

const schema = z.strictObject({
  users: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z_][a-z0-9_-]{0,62}$/),
      role: z.enum(sqlRoles),
      verifier: z.string().refine((text) => parseVerifier(text) !== undefined),
    }),
  ),
})

/**
 * The users of the SQL endpoint; none when nobody has been added.
 * @throws FdxError `CONFIG_INVALID` when the file is damaged, or open to others on this machine.
 */
export function readUsers(paths: DataPaths): readonly SqlUser[] {
  const file = usersFile(paths)
  if (!existsSync(file)) return []
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new FdxError(
      'CONFIG_INVALID',
      `${file} is open to other users of this machine; chmod 600 it`,
    )
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8'))).users
  } catch {
    throw new FdxError(
      'CONFIG_INVALID',
      `${file} is damaged; move it away and add the users again: fdx sql user add NAME`,
    )
  }
}

/** As `readUsers`, read again whenever the file has changed: who is added or removed needs no restart. */
export function watchUsers(
  paths: DataPaths,
  onFault: (error: unknown) => void,
): () => readonly SqlUser[] {
  let seen = ''
  let users: readonly SqlUser[] = []
  return () => {
    const stat = statSync(usersFile(paths), { throwIfNoEntry: false })
    const now = stat ? `${stat.ino} ${stat.mtimeMs} ${stat.size}` : ''
    if (now === seen) return users
    seen = now
    try {
      users = readUsers(paths)
    } catch (error) {
      onFault(error) // those who could log in still can
    }
    return users
  }
}

/** Adds a user, or gives one a new password and role. Returns whether the name was there before. */
export async function saveUser(
  paths: DataPaths,
  {
    name,
    role,
    password,
  }: { readonly name: string; readonly role: SqlRole; readonly password: string },
): Promise<boolean> {
  if (!/^[a-z_][a-z0-9_-]{0,62}$/.test(name))
    throw new FdxError('USAGE', 'a user’s name is lower case letters, digits, _ and -, at most 63')
  return changeUsers(paths, (users) => [
    ...users.filter((user) => user.name !== name),
    { name, role, verifier: makeVerifier(password) },
  ]).then((before) => before.some((user) => user.name === name))
}

/** @returns whether there was such a user. */
export async function removeUser(paths: DataPaths, name: string): Promise<boolean> {
  const before = await changeUsers(paths, (users) => users.filter((user) => user.name !== name))
  return before.some((user) => user.name === name)
}

async function changeUsers(
  paths: DataPaths,
  change: (users: readonly SqlUser[]) => SqlUser[],
): Promise<readonly SqlUser[]> {
  using _lock = await holdLock(join(paths.locks, 'sql-users.lock'), { waitMs: 10_000 })
  const before = readUsers(paths)
  const users = change(before).sort((a, b) => (a.name < b.name ? -1 : 1))
  await replaceFile(usersFile(paths), `${JSON.stringify({ users }, null, 2)}\n`)
  return before
}
