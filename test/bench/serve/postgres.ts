import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A PostgreSQL of Debian's, with a cluster of its own that nothing else uses; anybody on this machine may log in. */
export interface Postgres extends AsyncDisposable {
  readonly port: number
  /** Runs psql, and throws what it says when it fails. */
  psql(sql: string): string
}

const bin = '/usr/lib/postgresql/15/bin'

export async function startPostgres(): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-postgres-'))
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? idsOf('postgres') : undefined
  if (user) chownSync(folder, user.uid, user.gid)
  const as = user ?? {}
  const data = join(folder, 'data')
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...as, cwd: folder, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const port = await freePort()
  const options = ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1']
  for (const setting of [
    'shared_buffers=1GB',
    'fsync=off',
    'max_wal_size=8GB',
    'work_mem=64MB',
    'effective_cache_size=4GB',
  ])
    options.push('-c', setting)
  const server: ChildProcess = spawn(join(bin, 'postgres'), options, {
    ...as,
    cwd: folder,
    stdio: 'ignore',
  })
  const psql = (sql: string) => {
    const done = spawnSync(
      'psql',
      [
        '-X',
        '-q',
        '-A',
        '-t',
        '-v',
        'ON_ERROR_STOP=1',
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-U',
        'postgres',
        'postgres',
      ],
      { input: sql, encoding: 'utf8' },
    )
    if (done.status !== 0) throw new Error(`psql: ${done.stderr}`)
    return done.stdout
  }
  for (let tries = 0; ; tries++) {
    await sleep(200)
    try {
      psql('select 1')
      break
    } catch (error) {
      if (tries > 50) throw error
    }
  }
  return {
    port,
    psql,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGINT') // PostgreSQL's fast shutdown
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function idsOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
