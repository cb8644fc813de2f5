import { execFile, spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { writeNewKey } from '../../../src/connect/vault-key.ts'

const dockerfile = readFileSync('docs/operate/Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, '')
const lineOf = (pattern: RegExp): string => pattern.exec(dockerfile)?.[1] ?? ''

test('what the image copies is enough: fdx serve starts from it, and the health check tells', async () => {
  const image = mkdtempSync(join(tmpdir(), 'fdx-image-'))
  using _removed = { [Symbol.dispose]: () => rmSync(image, { recursive: true, force: true }) }
  const copied = [...dockerfile.matchAll(/^COPY ([^-\s]\S*) \.\/\S*$/gm)].map(
    ([, from = '']) => from,
  )
  expect(copied).toContain('src')
  for (const from of copied) cpSync(from, join(image, from), { recursive: true })
  symlinkSync(resolve('node_modules'), join(image, 'node_modules'))
  const key = join(image, 'keys', 'vault.key')
  mkdirSync(join(image, 'keys'), { mode: 0o700 })
  await writeNewKey(key)

  const [program = '', ...args] = JSON.parse(lineOf(/^ENTRYPOINT (.*)$/m)) as string[]
  const command = JSON.parse(lineOf(/^CMD (.*)$/m)) as string[]
  const child = spawn(
    join(image, program.replace('/opt/fdx/', '')),
    [...args, ...command, '--port', '0', '--sql-port', '0', '--json'],
    {
      cwd: image,
      env: {
        FDX_DATA_DIR: join(image, 'data'),
        FDX_PIPELINES_DIR: 'pipelines',
        FDX_VAULT_KEY_FILE: key,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const ended = new Promise((done) => child.once('close', done))
  const printed = (await child.stdout[Symbol.asyncIterator]().next()).value
  const { port } = new URL(JSON.parse(String(printed)).url)

  const [asked = '', ...rest] = JSON.parse(lineOf(/^HEALTHCHECK .* CMD (\[.*\])$/m)) as string[]
  const isHealthy = async () =>
    promisify(execFile)(
      asked,
      rest.map((one) => one.replace('8914', port)),
    ).then(
      () => true,
      () => false,
    )
  expect(await isHealthy()).toBe(true)
  child.kill(lineOf(/^STOPSIGNAL (\w+)$/m) as NodeJS.Signals)
  await ended
  expect([child.exitCode, await isHealthy()]).toEqual([0, false])
})

const importLine = /(?:^(?:import|export|\}).* from |^import |\bimport\()'([^'.][^']*)'/gm

test('src/ imports nothing but the packages that npm ci --omit=dev brings', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!/\.(ts|js)$/.test(file)) continue
    const text = readFileSync(join('src', file), 'utf8')
    for (const [, name = ''] of text.matchAll(importLine)) {
      const parts = name.split('/').slice(0, name.startsWith('@') ? 2 : 1)
      if (!isBuiltin(name))
        expect(dependencies, `${file}: ${name}`).toHaveProperty([parts.join('/')])
    }
  }
})
