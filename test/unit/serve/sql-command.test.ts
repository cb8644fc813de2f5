import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { expect, test } from 'vitest'
import { saveUser } from '../../../src/serve/sql-endpoint/auth/users.ts'
import { openScene } from './sql-endpoint/scene.ts'

test.skipIf(process.platform !== 'linux')(
  'fdx sql on its own: the system limits the memory of the process that answers, and it ends with its parent',
  async () => {
    await using scene = await openScene()
    await saveUser(scene.paths, { name: 'ann', role: 'owner', password: 'long enough' })
    const fdx = spawn(process.execPath, ['src/fdx.js', 'sql', '--port', '0'], {
      env: { PATH: process.env['PATH'], FDX_DATA_DIR: scene.paths.root },
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    let said = ''
    fdx.stderr.on('data', (text) => {
      said += text
    })
    const port = () => Number(/SQL endpoint on 127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? 0)
    await expect.poll(port, { timeout: 30_000 }).toBeGreaterThan(0)
    const [child = 0] = readFileSync(`/proc/${fdx.pid}/task/${fdx.pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .map(Number)
    expect(readFileSync(`/proc/${child}/limits`, 'utf8')).toMatch(/^Max data size +\d/m)
    const client = new pg.Client({
      ...{ host: '127.0.0.1', port: port(), database: 'warehouse' },
      ...{ user: 'ann', password: 'long enough' },
    })
    await client.connect()
    const { rows } = await client.query('select count(*)::integer as n from mart.accounts')
    expect(rows).toEqual([{ n: 2 }])
    await client.end()
    fdx.kill('SIGTERM')
    const [code] = await once(fdx, 'exit')
    expect([code, said.includes('died')]).toEqual([0, false])
    expect(() => process.kill(child, 0)).toThrow()
  },
)
