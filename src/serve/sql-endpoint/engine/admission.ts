import { availableParallelism } from 'node:os'
import { PgError } from '../pg-error.ts'

/**
 * Every call into DuckDB takes a thread of libuv's pool until it returns: when all are taken, nothing else in the
 * process moves (facts/sql-endpoint.md 4). `src/fdx.js` makes the pool this large before anything uses it.
 */
export const threadPoolSize = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4)

/** Statements that read no table get through while all others wait. */
export type Lane = 'light' | 'heavy'

export interface Admission {
  /**
   * Runs `call` when a thread is free for it.
   * @throws PgError 53300 after waiting too long, or `abandon`'s reason.
   */
  run<T>(lane: Lane, abandon: AbortSignal, call: () => Promise<T>): Promise<T>
  running(): number
}

interface Waiting {
  readonly lane: Lane
  readonly go: () => void
}

export function openAdmission(queueMs: number, pool = threadPoolSize): Admission {
  // Files, DNS and the light lane keep some threads for themselves whatever the heavy ones do.
  const most = Math.max(2, pool - 2)
  const heavyMost = Math.max(1, Math.min(most - 2, Math.max(8, availableParallelism() * 4)))
  let heavy = 0
  let all = 0
  const queue: Waiting[] = []
  const free = (lane: Lane) => all < most && (lane === 'light' || heavy < heavyMost)

  const enter = (lane: Lane) => {
    all++
    if (lane === 'heavy') heavy++
  }
  const leave = (lane: Lane) => {
    all--
    if (lane === 'heavy') heavy--
    const next = queue.findIndex((one) => free(one.lane))
    if (next >= 0) queue.splice(next, 1)[0]?.go()
  }

  const turn = (lane: Lane, abandon: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const stop = (reason: unknown) => {
        const at = queue.indexOf(waiting)
        if (at < 0) return
        queue.splice(at, 1)
        clearTimeout(timer)
        abandon.removeEventListener('abort', onAbort)
        reject(reason)
      }
      const onAbort = () => stop(abandon.reason)
      const timer = setTimeout(
        () =>
          stop(
            new PgError('53300', 'too many statements are running; this one has waited too long', {
              hint: 'Try again later, or raise sql.queueSeconds in pipelines/serve/serve.yaml.',
            }),
          ),
        queueMs,
      )
      const waiting: Waiting = {
        lane,
        go: () => {
          clearTimeout(timer)
          abandon.removeEventListener('abort', onAbort)
          enter(lane)
          resolve()
        },
      }
      abandon.addEventListener('abort', onAbort)
      queue.push(waiting)
    })

  return {
    async run(lane, abandon, call) {
      abandon.throwIfAborted()
      if (free(lane)) enter(lane)
      else await turn(lane, abandon)
      try {
        return await call()
      } finally {
        leave(lane)
      }
    },
    running: () => all,
  }
}
