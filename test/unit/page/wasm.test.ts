import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('the scanner that runs is the one that src/page/wasm/scan.ts says', () => {
  const root = join(import.meta.dirname, '../../..')
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { wasm: string }
  }
  const folder = mkdtempSync(join(tmpdir(), 'fdx-wasm-'))
  try {
    const made = join(folder, 'scan.wasm')
    const [, ...args] = scripts.wasm.replace('src/page/wasm/scan.wasm', made).split(' ')
    const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js')
    execFileSync(process.execPath, [compiler, ...args], { cwd: root })
    const kept = readFileSync(join(root, 'src/page/wasm/scan.wasm'))
    expect(readFileSync(made).equals(kept), 'run npm run wasm').toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
