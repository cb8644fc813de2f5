import { type ChildProcess, spawn } from 'node:child_process'

/** `fdx serve` (or another command that stays) in a process of its own. */
export interface Serving extends AsyncDisposable {
  readonly child: ChildProcess
  /** Where HTTP listens. */
  readonly url: string
  readonly sql: { readonly host: string; readonly port: number } | undefined
  /** Everything on stderr so far. */
  log(): string
  /** The log's lines as objects. */
  lines(): Record<string, unknown>[]
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  /** SIGTERM, and how long it took to end. */
  stop(): Promise<{ readonly exit: number | string; readonly ms: number }>
}

/** @throws Error with what it said, when it ends before it serves. */
export async function startServe(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Serving> {
  const child = spawn(process.execPath, ['src/fdx.js', 'serve', '--port', '0', '--json', ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  let printed = ''
  child.stderr.on('data', (part) => {
    said += part
  })
  const ended = new Promise<number | string>((done) =>
    child.on('close', (code, signal) => done(signal ?? code ?? -1)),
  )
  const where = await new Promise<{ url: string; sql?: Serving['sql'] }>((ready, failed) => {
    child.stdout.on('data', (part) => {
      printed += part
      if (printed.includes('\n')) ready(JSON.parse(printed))
    })
    void ended.then((exit) => failed(new Error(`ended with ${exit}: ${said}`)))
  })
  return {
    child,
    url: where.url,
    sql: where.sql,
    log: () => said,
    lines: () =>
      said
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
    ended,
    stop: async () => {
      const started = performance.now()
      child.kill('SIGTERM')
      return { exit: await ended, ms: performance.now() - started }
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Waits until it holds. Throws after `seconds`. */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  for (const end = performance.now() + seconds * 1_000; !(await holds()); ) {
    if (performance.now() > end) throw new Error('it did not happen in time')
    await new Promise((soon) => setTimeout(soon, 50))
  }
}
