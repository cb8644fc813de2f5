import { availableParallelism } from 'node:os'
import type { Lane } from '../gate/lane.ts'
import { PgError } from '../pg-error.ts'

/**
 * Every call into DuckDB takes a thread of libuv's pool until it returns: when all are taken, nothing else in the
 * process moves (facts/sql-endpoint.md 4). `src/fdx.js` makes the pool this large before anything uses it.
 */
export const threadPoolSize = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4)

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

/** Threads of each lane: none takes another's, and together they leave some of the pool for files and DNS. */
function threadsOf(pool: number): Readonly<Record<Lane, number>> {
  const light = Math.max(1, Math.floor(pool / 4))
  const catalogue = Math.max(1, Math.floor(pool / 8))
  const rest = pool - light - catalogue - 2
  return {
    light,
    catalogue,
    heavy: Math.max(1, Math.min(rest, Math.max(8, availableParallelism() * 4))),
  }
}

export function openAdmission(queueMs: number, pool = threadPoolSize): Admission {
  const most = threadsOf(pool)
  const running: Record<Lane, number> = { light: 0, catalogue: 0, heavy: 0 }
  const queue: Waiting[] = []
  const free = (lane: Lane) => running[lane] < most[lane]

  const enter = (lane: Lane) => {
    running[lane]++
  }
  const leave = (lane: Lane) => {
    running[lane]--
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
    running: () => running.light + running.catalogue + running.heavy,
  }
}
