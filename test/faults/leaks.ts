import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readKeyFile, writeNewKey } from '../../src/connect/vault-key.ts'
import { childEnd } from './children.ts'
import { type FaultOptions, firstWrong, type Outcome, some } from './outcome.ts'
import { judge, marks, type Rig, secret, setUpRig } from './rig.ts'
import { tokenFaults } from './token-faults.ts'

const program = join(import.meta.dirname, '..', '..', 'src', 'fdx.js')

/**
 * The real command line, `fdx run`, through every token fault with marked tokens and a marked client
 * secret: the marks are in nothing that it prints or writes outside the sealed records.
 */
export async function* leaks(options: FaultOptions): AsyncGenerator<Outcome> {
  for (const fault of some(tokenFaults, 3, options)) {
    await using around = await keyedRig()
    const { rig, keyFile, pipelines } = around
    rig.server.trouble = fault.trouble
    const child = spawn(process.execPath, [program, 'run', 'bank-nightly', '--json'], {
      env: {
        PATH: process.env['PATH'],
        TMPDIR: join(rig.folder, 'tmp'),
        FDX_DATA_DIR: rig.folder,
        FDX_PIPELINES_DIR: pipelines,
        FDX_VAULT_KEY_FILE: keyFile,
        BANK_SECRET: secret,
      },
    })
    const { output, exitCode } = await childEnd(child)
    const leaking = filesOf(rig.folder).filter((file) =>
      marks.test(readFileSync(join(rig.folder, file), 'latin1')),
    )
    yield {
      fault: `fdx run: ${fault.name}`,
      ending: await judge(rig),
      wrong: firstWrong({
        'a mark is in its output': !marks.test(output),
        [`a mark is in ${leaking.join(', ')}`]: leaking.length === 0,
        [`it sent no request, and exited ${exitCode}`]: rig.server.requests.length > 0,
      }),
    }
  }
}

async function keyedRig(): Promise<
  { rig: Rig; keyFile: string; pipelines: string } & AsyncDisposable
> {
  const { mkdtempSync, rmSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const folder = mkdtempSync(join(tmpdir(), 'fdx-leaks-'))
  const keyFile = join(folder, 'key')
  await writeNewKey(keyFile)
  const rig = await setUpRig('strict', {}, await readKeyFile(keyFile, join(folder, 'data')))
  const pipelines = join(folder, 'pipelines')
  mkdirSync(join(pipelines, 'providers'), { recursive: true })
  writeFileSync(join(pipelines, 'bank-nightly.yaml'), "provider: bank\nschedule: '0 3 * * *'\n")
  writeFileSync(
    join(pipelines, 'providers', 'bank.yaml'),
    `protocol: fdx
title: A bank
version: 6
baseUrl: http://127.0.0.1:9/fdx
oauth:
  tokenEndpoint: ${rig.server.url}/token
  clientId: me
  clientSecret: \${BANK_SECRET}
  scopes: [openid]
  redirectUri: http://127.0.0.1:0/callback
  timeoutSeconds: 0.5
pace:
  attempts: 1
`,
  )
  return {
    rig,
    keyFile,
    pipelines,
    [Symbol.asyncDispose]: async () => {
      await rig[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => relative(folder, file))
