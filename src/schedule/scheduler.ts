import { FdxError, safeError } from '../errors.ts'
import { endDue, takeDue } from '../state/due-runs.ts'
import { holdLock } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { type Due, whatIsDue } from './due.ts'
import { remember, type ScheduledPipeline } from './pipelines.ts'

export interface SchedulerOptions {
  readonly state: State
  /** Folder of lock files. */
  readonly locks: string
  readonly world: Pick<World, 'now' | 'random'>
  /** The pipelines as their files say now; read at each tick, so that a changed file counts from then on. */
  readonly pipelines: () => readonly ScheduledPipeline[]
  /** Runs a pipeline; ends with `STOPPED` when the scheduler's signal is aborted. */
  readonly run: (pipeline: string) => Promise<void>
  /** Pipelines that run at the same time; the others wait for the next tick. */
  readonly atOnce: number
  readonly signal: AbortSignal
  readonly log: SchedulerLog
}

/** Is told what happens; never decides anything. */
export interface SchedulerLog {
  started(pipeline: string, due: Due): void
  ended(pipeline: string, due: Due, end: Ended): void
  /** A tick that could not do its work: the next one tries again. */
  failed(why: string): void
}

/** `later`: stopped, or another process was in the way; the same due time is taken up again. */
export interface Ended {
  readonly status: 'done' | 'failed' | 'later'
  readonly message: string
}

export interface Scheduler extends AsyncDisposable {
  /** Looks what is due and starts it; returns at once. A tick too many does nothing. */
  tick(): void
  /** Pipelines that this process is running. */
  running(): readonly string[]
  /** Waits until what runs has ended, without stopping it. */
  settled(): Promise<void>
}

/**
 * Starts what is due, and nothing twice: a pipeline's due time is taken under a lock that the kernel frees when
 * its holder dies, and written down before the run begins. So two schedulers on one state store share the
 * work, a run longer than its interval delays the next one, and what a killed scheduler had begun goes on.
 */
export function openScheduler(options: SchedulerOptions): Scheduler {
  const { state, world, signal, log } = options
  const running = new Map<string, Promise<void>>()

  function tick(): void {
    if (signal.aborted) return
    try {
      for (const pipeline of options.pipelines()) {
        const isFree = !running.has(pipeline.name) && running.size < options.atOnce
        if (!isFree || !isDue(pipeline)) continue
        const work = take(pipeline)
          .catch((error: unknown) => log.failed(safeError(error)))
          .finally(() => running.delete(pipeline.name))
        running.set(pipeline.name, work)
      }
    } catch (error) {
      log.failed(safeError(error))
    }
  }

  const isDue = (pipeline: ScheduledPipeline) =>
    whatIsDue(pipeline.schedule, remember(state, pipeline, world), world.now()) !== undefined

  async function take(pipeline: ScheduledPipeline): Promise<void> {
    const { name } = pipeline
    using lock = await holdLock(`${options.locks}/schedule-${name}.lock`, { waitMs: 0 }).catch(
      (error: unknown) => {
        if (error instanceof FdxError && error.code === 'LOCK_TIMEOUT') return undefined
        throw error
      },
    )
    // Another scheduler is running it; when that one dies, the next tick sees a run that was cut off.
    if (lock === undefined) return
    const due = whatIsDue(pipeline.schedule, remember(state, pipeline, world), world.now())
    if (due === undefined || !takeDue(state, name, due, world.now())) return
    log.started(name, due)
    const end = await run(name)
    if (end.status !== 'later')
      endDue(state, name, due.dueAt, { status: end.status, message: end.message }, world.now())
    log.ended(name, due, end)
  }

  async function run(name: string): Promise<Ended> {
    try {
      await options.run(name)
      return { status: 'done', message: '' }
    } catch (error) {
      const code = error instanceof FdxError ? error.code : undefined
      const isLater = code === 'STOPPED' || code === 'LOCK_TIMEOUT' || signal.aborted
      return { status: isLater ? 'later' : 'failed', message: safeError(error) }
    }
  }

  const settled = async () => void (await Promise.allSettled(running.values()))

  return {
    tick,
    running: () => [...running.keys()],
    settled,
    [Symbol.asyncDispose]: settled,
  }
}
