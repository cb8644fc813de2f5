import { type ChildProcess, spawn } from 'node:child_process'
import { FdxError } from '../errors.ts'

export interface ChildOptions<T> {
  /** The module that runs in it. */
  readonly module: string
  /**
   * Sent to it first; nothing of it is in its arguments or its environment. Is given what the one before said when
   * it was ready.
   */
  readonly start: (before: T | undefined) => object
  /** All that it gets of our environment: no keys, no secrets of providers. */
  readonly env: Readonly<Record<string, string>>
  /** Memory that the system lets it have. Bytes. */
  readonly memoryBytes: number
  readonly signal: AbortSignal
  readonly log: ChildLog
  /** First wait before a restart; doubles to `longestWaitMs`. Default 500. */
  readonly firstWaitMs?: number
}

/** Is told what happens; never decides anything. */
export interface ChildLog {
  started(pid: number): void
  /** It died, and is started again after `waitMs`. */
  died(how: string, waitMs: number): void
}

export interface Child<T> extends AsyncDisposable {
  /** What it said when it was ready, the last time. */
  readonly ready: () => T | undefined
  readonly pid: () => number | undefined
  readonly restarts: () => number
  /** Sends it a question and waits for the answer; undefined when it is not there, or takes too long. */
  ask(question: string): Promise<unknown>
}

const longestWaitMs = 30_000
/** A child that has lived so long is well: the next wait is short again. */
const wellAfterMs = 60_000
/** How long it may take until it is ready, to answer, and to end. */
const startMs = 60_000
const answerMs = 5_000
const endMs = 5_000
/** How often it is asked whether it is alive, and how many answers may be missing. */
const askMs = 15_000
const missing = 4

/** What goes from a child to its parent. */
export type FromChild<T> =
  | { readonly ready: T }
  | { readonly failed: { readonly code: string; readonly message: string } }
  | { readonly answer: number; readonly value: unknown }

/** What goes from a parent to its child. */
export type ToChild =
  | { readonly start: object }
  | { readonly question: string; readonly id: number }

/**
 * Keeps a child process alive: starts it again when it dies or no longer answers, later each time. It gets its
 * memory limited by the system (RLIMIT_DATA), and is the first that the kernel ends when memory runs out, so
 * that nothing it does can take ours.
 * @throws FdxError what the child gives as the reason why it cannot start, the first time.
 */
export async function keepChild<T>(options: ChildOptions<T>): Promise<Child<T>> {
  const { log } = options
  const stop = new AbortController()
  const { signal } = stop
  let child: ChildProcess | undefined
  let said: T | undefined
  let before: T | undefined
  let restarts = 0
  let questions = 0
  const waiting = new Map<number, (value: unknown) => void>()

  /** Resolves when it is ready; `ended` when it is gone. */
  function start(): { ready: Promise<void>; ended: Promise<string> } {
    const one = spawnLimited(options)
    child = one
    const ready = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<string>()
    const slow = setTimeout(() => one.kill('SIGKILL'), startMs)
    one.on('message', (message: FromChild<T>) => {
      if ('ready' in message) {
        clearTimeout(slow)
        said = message.ready
        before = said
        ready.resolve()
      } else if ('failed' in message) {
        const { code, message: why } = message.failed
        ready.reject(new FdxError(code as FdxError['code'], why))
      } else {
        waiting.get(message.answer)?.(message.value)
        waiting.delete(message.answer)
      }
    })
    one.on('error', () => ended.resolve('could not be started'))
    one.on('exit', (code, by) => ended.resolve(by === null ? `exit code ${code}` : `signal ${by}`))
    void ended.promise.then((how) => {
      clearTimeout(slow)
      said = undefined
      for (const answer of waiting.values()) answer(undefined)
      waiting.clear()
      ready.reject(new FdxError('FAULT', `it ended before it was ready (${how})`))
    })
    ready.promise.catch(() => {})
    one.send({ start: options.start(before) } satisfies ToChild)
    if (one.pid !== undefined) log.started(one.pid)
    return { ready: ready.promise, ended: ended.promise }
  }

  async function ask(question: string): Promise<unknown> {
    const asked = child
    if (said === undefined || asked?.connected !== true) return undefined
    const id = ++questions
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const late = setTimeout(() => resolve(undefined), answerMs)
    waiting.set(id, resolve)
    asked.send({ question, id } satisfies ToChild, () => {})
    try {
      return await promise
    } finally {
      clearTimeout(late)
      waiting.delete(id)
    }
  }

  let unanswered = 0
  const watch = setInterval(async () => {
    if (said === undefined) return
    const watched = child
    unanswered = (await ask('alive')) === undefined ? unanswered + 1 : 0
    if (unanswered < missing || watched !== child) return
    unanswered = 0
    watched?.kill('SIGKILL')
  }, askMs)

  const first = start()
  try {
    await first.ready
  } catch (error) {
    clearInterval(watch)
    child?.kill('SIGKILL')
    await first.ended
    throw error
  }

  async function keep(): Promise<void> {
    let { ended } = first
    let wait = options.firstWaitMs ?? 500
    for (;;) {
      const since = performance.now()
      const how = await ended
      if (signal.aborted) return
      if (performance.now() - since > wellAfterMs) wait = options.firstWaitMs ?? 500
      log.died(how, wait)
      await pause(wait, signal)
      if (signal.aborted) return
      wait = Math.min(wait * 2, longestWaitMs)
      restarts += 1
      const next = start()
      next.ready.catch(() => child?.kill('SIGKILL'))
      ended = next.ended
    }
  }
  const kept = keep()
  const end = () => {
    clearInterval(watch)
    stop.abort()
    child?.kill('SIGTERM')
    return setTimeout(() => child?.kill('SIGKILL'), endMs)
  }
  let ending: NodeJS.Timeout | undefined
  const onAbort = () => {
    ending = end()
  }
  options.signal.addEventListener('abort', onAbort)
  if (options.signal.aborted) onAbort()

  return {
    ready: () => said,
    pid: () => child?.pid,
    restarts: () => restarts,
    ask,
    [Symbol.asyncDispose]: async () => {
      options.signal.removeEventListener('abort', onAbort)
      ending ??= end()
      await kept
      clearTimeout(ending)
    },
  }
}

/** `ulimit` before anything of it runs: Node cannot limit itself. Kilobytes. */
const limited = 'ulimit -d "$0" && { echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null; exec "$@"'

function spawnLimited<T>({ module, env, memoryBytes }: ChildOptions<T>): ChildProcess {
  const kilobytes = String(Math.floor(memoryBytes / 1024))
  return spawn('/bin/sh', ['-c', limited, kilobytes, process.execPath, module], {
    env: { ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      done()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
