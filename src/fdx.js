#!/usr/bin/env node
// Starts the program on the Node that the project brings along: it runs TypeScript as it is, and the
// machine's own Node may be too old for that.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// Each call into DuckDB takes a thread of this pool until it returns; with the usual four, four long queries would
// stop everything else (facts/sql-endpoint.md 4). It counts only before the pool is first used.
process.env.UV_THREADPOOL_SIZE ??= '32'

const [major = 0] = process.versions.node.split('.').map(Number)

if (major >= 24) {
  await import('./cli.ts')
} else {
  const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'))
  const node = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  // The child is in the same process group: a Ctrl-C reaches it directly.
  const { status, signal, error } = spawnSync(
    node,
    [import.meta.filename ?? '', ...process.argv.slice(2)],
    {
      stdio: 'inherit',
    },
  )
  if (error) process.stderr.write('fdx: needs Node 24; run npm ci in its folder first\n')
  process.exitCode = error ? 1 : (status ?? (signal === 'SIGINT' ? 130 : 143))
}
