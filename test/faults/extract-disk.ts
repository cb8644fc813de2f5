/**
 * `node test/faults/extract-disk.ts [--quick]`: runs whose disk is full. The segments' folder is a file system of its own
 * with room for so much and no more (a tmpfs in a mount namespace). The run must say so and end; the next one, with
 * room again, must bring every table to what a run with enough room gives.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { compare, connectAll, pathsIn } from './extract-kill.ts'

export interface DiskResult {
  readonly fault: string
  /** What is wrong; empty when all is as it should be. */
  readonly wrong: string
}

/** Whether this machine lets us mount: Linux, and namespaces of one's own allowed. */
export const canMount = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('unshare', ['-r', '-m', 'mount', '-t', 'tmpfs', 'none', '/mnt'], { timeout: 10_000 })
    .status === 0

const runner = join(import.meta.dirname, 'extract-run.ts')
const pageSize = '3'

/** Fills the disk at `kilobytes` of segments; each page's file system block is 4 of them. */
export async function fillTheDisk(kilobytes: readonly number[]): Promise<DiskResult[]> {
  const root = mkdtempSync(join(tmpdir(), 'fdx-disk-'))
  await using sandbox = await startSandbox({
    port: 0,
    connections: 2,
    accounts: 2,
    transactions: 150,
    accessTokenSeconds: 3_600,
  })
  try {
    const calm = join(root, 'calm')
    await connectAll(sandbox, calm, 2)
    for (const size of kilobytes) cpSync(calm, join(root, String(size)), { recursive: true })
    const undisturbed = await finished(process.execPath, [runner, calm, sandbox.url, pageSize])
    if (undisturbed.exit !== 0) throw new Error(`the undisturbed run failed: ${undisturbed.stderr}`)
    const results: DiskResult[] = []
    for (const size of kilobytes)
      results.push(await fillOnce(calm, join(root, String(size)), size, sandbox.url))
    return results
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** One run without room, and one with room, in one namespace: what lies in it is gone with it. */
const script = `
mount -t tmpfs -o "size=$1k" none "$2" || exit 9
"$3" "$4" "$5" "$6" "$7"; full=$?
mount -o remount,size=64m "$2" || exit 9
echo "--- again" >&2
"$3" "$4" "$5" "$6" "$7" || exit 8
exit $full`

async function fillOnce(calm: string, folder: string, size: number, url: string) {
  const { segments } = pathsIn(folder)
  mkdirSync(segments, { recursive: true, mode: 0o700 })
  const { exit, stderr } = await finished('unshare', [
    ...['-r', '-m', 'sh', '-c', script, 'sh', String(size), segments],
    ...[process.execPath, runner, folder, url, pageSize],
  ])
  const [full = '', again = ''] = stderr.split('--- again')
  const { different, rows } =
    exit === 1 ? await compare(calm, folder) : { different: ['none was loaded'], rows: 0 }
  const checks = {
    [`the run with room failed: ${again.slice(0, 500)}`]: exit !== 8,
    'the run without room did not fail': exit === 1,
    [`it does not say that the disk is full: ${full.slice(0, 500)}`]: full.includes('DISK_FULL'),
    [`tables differ: ${different.join(' ')}`]: different.length === 0 && rows > 0,
  }
  const wrong = Object.entries(checks).find(([, holds]) => !holds)?.[0] ?? ''
  return { fault: `no space left for segments after ${size} kB`, wrong }
}

async function finished(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const said: string[] = []
  child.stderr.on('data', (part: Buffer) => said.push(part.toString()))
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, stderr: said.join('') }
}

if (import.meta.main) {
  const say = (line: string) => process.stdout.write(`${line}\n`)
  if (canMount()) {
    const results = await fillTheDisk(process.argv.includes('--quick') ? [12] : [4, 12, 24])
    for (const { fault, wrong } of results)
      say(`${wrong === '' ? 'survived' : 'FAILED'}: ${fault} ${wrong}`)
    const failed = results.filter(({ wrong }) => wrong !== '').length
    say(`${results.length - failed} passed, ${failed} failed`)
    process.exitCode = failed === 0 ? 0 : 1
  } else say('full disk: skipped, this machine lets nobody mount in a namespace')
}
