import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Failpoint } from '../../src/connect/refresh.ts'
import type { Rig } from './rig.ts'

/** What a child process is told, as JSON in its first argument. */
export interface ChildTask {
  readonly folder: string
  readonly url: string
  readonly oauth?: object
  /** Dies by SIGKILL when it reaches this place of a refresh. */
  readonly dieAt?: Failpoint
  /** Dies by SIGKILL right after so many operations that change files. */
  readonly dieAfterOperation?: number
  readonly lockWaitMs?: number
  /** So many callers at once, for each line on its standard input. */
  readonly callers?: number
  /** Rotates the vault's key in place of a refresh. */
  readonly rotateKey?: boolean
}

const script = join(import.meta.dirname, 'child.ts')

/** Starts a child on the rig; `under` is a command that it is run under, such as strace. */
export function startChild(
  rig: Rig,
  task: Omit<ChildTask, 'folder' | 'url'>,
  under: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const told: ChildTask = { ...task, folder: rig.folder, url: rig.server.url }
  const [command = '', ...args] = [...under, process.execPath, script, JSON.stringify(told)]
  const threads = under.length > 0 ? { UV_THREADPOOL_SIZE: '1' } : {}
  return spawn(command, args, {
    env: { ...process.env, ...threads, TMPDIR: join(rig.folder, 'tmp') },
  })
}

export interface ChildResult {
  readonly signal: string | null
  readonly exitCode: number | null
  /** Its last line of JSON; empty when it was killed before. */
  readonly said: { ended?: string; operations?: number }
  readonly output: string
}

/** Waits for the end of a child. */
export async function childEnd(child: ChildProcessWithoutNullStreams): Promise<ChildResult> {
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (part) => {
    stdout += part
  })
  child.stderr.on('data', (part) => {
    stderr += part
  })
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null]
  const line = stdout.trimEnd().split('\n').at(-1) ?? ''
  const said = line.startsWith('{') ? (JSON.parse(line) as ChildResult['said']) : {}
  return { signal, exitCode, said, output: stdout + stderr }
}

/** The lines that a child says, one at a time. */
export function linesOf(child: ChildProcessWithoutNullStreams): () => Promise<unknown> {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('the child said nothing more')
    return JSON.parse(value)
  }
}
