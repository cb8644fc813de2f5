import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeCertificates } from '../../support/certificates.ts'

/** A server as clients are told of it. */
export interface Server {
  readonly port: number
  readonly user: string
  readonly password: string
}

export interface Endpoint extends Server, AsyncDisposable {
  /** The published file that it serves. */
  readonly generation: string
  /** Certificate of the authority that signed the server's. */
  readonly caFile: string
}

const password = 'correct horse battery'

/**
 * The embedded sandbox's people, connected, extracted, loaded and published by the demo in a folder of its own; then the
 * endpoint over it as a process of its own, with TLS offered and not required.
 * @param published data folder to serve instead of the demo's; its users `owner` and `ann` get new passwords
 */
export async function startEndpoint(published?: string): Promise<Endpoint> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-clients-'))
  const env = { ...process.env, FDX_DATA_DIR: folder }
  if (published === undefined)
    execFileSync(process.execPath, ['src/fdx.js', 'demo', '--json'], { env, stdio: 'ignore' })
  const data = published ?? join(folder, 'demo', 'data')
  const caFile = writeSettings(folder)
  const own = { ...env, FDX_DATA_DIR: data, FDX_PIPELINES_DIR: folder }
  for (const [name, role] of [
    ['owner', 'owner'],
    ['ann', 'analyst'],
  ] as const)
    execFileSync(
      process.execPath,
      ['src/fdx.js', 'sql', 'user', 'add', name, '--role', role, '--password-stdin'],
      {
        env: own,
        input: password,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    )
  const child = spawn(process.execPath, ['src/fdx.js', 'sql', '--port', '0'], {
    env: own,
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the endpoint ended before it listened')))
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /SQL endpoint on [^ ]*:(\d+)/.exec(line)
      if (found) resolve(Number(found[1]))
      if (/"level":(50|60)/.test(line)) process.stderr.write(`${line}\n`)
    })
  })
  return {
    port,
    user: 'owner',
    password,
    generation: join(
      data,
      'generations',
      readFileSync(join(data, 'generations', 'CURRENT'), 'utf8').trim(),
    ),
    caFile,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A certificate for 127.0.0.1, and the endpoint's settings that name it. */
function writeSettings(folder: string): string {
  const { caFile } = makeCertificates(join(folder, 'tls'))
  const file = (name: string) => join(folder, 'tls', name)
  chmodSync(file('server.key'), 0o600)
  mkdirSync(join(folder, 'serve'))
  writeFileSync(
    join(folder, 'serve', 'serve.yaml'),
    `sql:\n  tls:\n    certFile: ${file('server.pem')}\n    keyFile: ${file('server.key')}\n    required: false\n`,
  )
  return caFile
}
