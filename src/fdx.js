#!/usr/bin/env node
// Starts the program on the Node that the project brings along: it runs TypeScript as it is, and the
// machine's own Node may be too old for that.
import { spawn } from 'node:child_process'
import module from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'

// Each call into DuckDB takes a thread of this pool until it returns; with the usual four, four long queries would
// stop everything else (facts/sql-endpoint.md 4). It counts only before the pool is first used.
process.env.UV_THREADPOOL_SIZE ??= '32'

const [major = 0] = process.versions.node.split('.').map(Number)

if (major >= 24) {
  // What was compiled is kept beside the packages: the next command, and our own children, start in half the time.
  // Where it can't be written, nothing is kept.
  process.env.NODE_COMPILE_CACHE ??= join(
    import.meta.dirname,
    '..',
    'node_modules',
    '.cache',
    'fdx',
  )
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
  await import('./cli.ts')
} else {
  const folder = dirname(module.createRequire(import.meta.url).resolve('node/package.json'))
  const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const child = spawn(node, [import.meta.filename ?? '', ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // Who stops this process means the child. A Ctrl-C reaches the child by itself, as a member of the same process
  // group, so of that one nothing is passed on: a second signal would stop it at once.
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {})
  child.on('error', () => {
    process.stderr.write('fdx: needs Node 24; run npm ci in its folder first\n')
    process.exitCode = 1
  })
  child.on('exit', (status, signal) => {
    process.exitCode = status ?? 128 + (constants.signals[signal ?? 'SIGTERM'] ?? 15)
  })
}
