import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { childEnd, startChild } from './children.ts'
import { type FaultOptions, firstWrong, type Outcome, some } from './outcome.ts'
import { judge, type Rig, setUpRig, startAgain } from './rig.ts'

/** The calls that change the vault, and how each can fail besides the end of the process. */
const failures: Readonly<Record<string, readonly string[]>> = {
  openat: ['ENOSPC', 'EMFILE'],
  write: ['ENOSPC', 'EIO'],
  pwrite64: ['ENOSPC', 'EIO'],
  fsync: ['EIO'],
  fdatasync: ['EIO'],
  rename: ['ENOSPC', 'EIO'],
  unlink: ['EIO'],
}

/**
 * SIGKILL, full disks and I/O errors in the system calls of a refresh, injected by strace: each call that
 * touches the vault fails once, or from then on. Linux only, and where tracing is allowed.
 */
export async function* systemCalls(
  options: FaultOptions,
  say: (line: string) => void,
): AsyncGenerator<Outcome> {
  if (!canTrace()) {
    say('system calls: skipped, strace is missing or tracing is not allowed here')
    return
  }
  const calls = await traceClean()
  yield orderOf(calls)
  const injections = Object.entries(failures).flatMap(([call, errors]) => {
    const count = calls.filter((line) => line.startsWith(`${call}(`)).length
    return Array.from({ length: count }, (_, i) => i + 1).flatMap((at) => [
      `${call}:signal=SIGKILL:when=${at}`,
      ...errors.flatMap((error) => [
        `${call}:error=${error}:when=${at}`,
        `${call}:error=${error}:when=${at}+`,
      ]),
    ])
  })
  for (const injection of some(injections, 8, options)) {
    await using rig = await setUpRig('strict')
    const log = join(rig.folder, 'tmp', 'strace')
    const { signal } = await childEnd(
      startChild(rig, {}, [...tracing(rig, log), '-e', `inject=${injection}`]),
    )
    const sent = rig.server.requests.length
    const injected = signal === 'SIGKILL' || readFileSync(log, 'utf8').includes('(INJECTED)')
    await startAgain(rig)
    const ending = await judge(rig)
    yield {
      fault: injection,
      ending,
      wrong: firstWrong({
        'nothing was injected': injected,
        'flagged with another reason': ending === 'alive' || ending === 'flagged as lost',
        'flagged, and no request was sent': ending === 'alive' || sent > 0,
      }),
    }
  }
}

const canTrace = () =>
  process.platform === 'linux' &&
  spawnSync('strace', ['-qq', '-o', '/dev/null', 'true'], { timeout: 10_000 }).status === 0

/** Only calls on the vault's folder and on the files of the connection: they are counted and hit. */
function tracing({ vault, connection }: Rig, log: string): string[] {
  const files = [
    vault.folder,
    ...['sealed', 'intent'].flatMap((suffix) => [
      vault.path(connection.id, suffix),
      join(vault.folder, `.${connection.id}.${suffix}.tmp`),
    ]),
  ]
  const paths = files.flatMap((file) => ['-P', file])
  return [
    'strace',
    '-f',
    '-qq',
    '-o',
    log,
    ...paths,
    '-e',
    `trace=${Object.keys(failures).join(',')}`,
  ]
}

async function traceClean(): Promise<string[]> {
  await using rig = await setUpRig('strict')
  const log = join(rig.folder, 'tmp', 'strace')
  await childEnd(startChild(rig, {}, tracing(rig, log)))
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n')
  return lines.map((line) => line.replace(/^\d+\s+/, ''))
}

/** A kill cannot show what a power cut does: that rests on the order of these calls. */
function orderOf(calls: readonly string[]): Outcome {
  const order = calls
    .filter((line) => !line.includes('O_RDONLY|O_NOFOLLOW') && !line.includes('ENOENT'))
    .map((line) => {
      const name = line.slice(0, line.indexOf('('))
      if (name !== 'openat') return name
      if (line.includes('O_EXCL')) return 'create'
      return line.includes('O_WRONLY') ? 'open' : 'open folder'
    })
    .join(', ')
  const replace = 'create, write, fsync, rename, open folder, fsync'
  const expected = `${replace}, open, pwrite64, fdatasync, ${replace}, unlink`
  return {
    fault: 'order of calls: intent, journal, record, each flushed before the next',
    ending: '-',
    wrong: order === expected ? '' : `the order is ${order}`,
  }
}
