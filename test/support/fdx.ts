import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Finished {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** A folder of its own with a vault key, and the command in it, as a person would run it. */
export interface Place extends Disposable {
  readonly folder: string
  readonly data: string
  fdx(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>
}

export function newPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-place-'))
  const data = join(folder, 'data')
  return {
    folder,
    data,
    fdx: (args, env = {}) =>
      new Promise((finished) => {
        const options = {
          env: {
            PATH: process.env['PATH'] ?? '',
            FDX_DATA_DIR: data,
            FDX_VAULT_KEY_FILE: join(folder, 'vault.key'),
            ...env,
          },
          maxBuffer: 64 * 1024 * 1024,
        }
        execFile(process.execPath, ['src/fdx.js', ...args], options, (error, stdout, stderr) => {
          const exit = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
          finished({ exit, stdout, stderr })
        })
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
