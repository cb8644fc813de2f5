import type { Settings } from '../config/settings.ts'
import type { Vault } from '../connect/vault.ts'
import { FdxError } from '../errors.ts'
import { extract, type Job, loadAndPublish, type RunTools, type Watch } from '../run.ts'
import type { State } from '../state/state.ts'
import type { Metrics } from './metrics/registry.ts'

export interface WorkOptions
  extends Pick<RunTools, 'paths' | 'state' | 'vault' | 'world' | 'signal' | 'publish'> {
  readonly settings: Settings
  readonly state: State
  readonly vault: Vault
  readonly watch: Watch
  readonly metrics: Metrics
  /** A pipeline with its provider, as their files say now. */
  readonly jobOf: (pipeline: string) => Job
  /** Whether this process loads; otherwise another one takes what it lands. */
  readonly loads: boolean
}

/** The extractor and the loader of a long-running process. */
export interface Work {
  /** Extracts one pipeline, and loads what has landed. Throws as `run`. */
  run(pipeline: string): Promise<void>
  /** Loads what has landed. Who asks while a load goes on waits for the one after it, together with others. */
  load(): Promise<void>
  /** Since when loads fail, and why; undefined while they do not. */
  loadFault(): { readonly since: number; readonly message: string } | undefined
  /** Waits for the load that goes on. */
  settled(): Promise<void>
}

export function openWork(options: WorkOptions): Work {
  const { metrics, world, signal, watch } = options
  let loading: Promise<void> | undefined
  let next: Promise<void> | undefined
  let fault: { since: number; message: string } | undefined

  async function loadOnce(): Promise<void> {
    const started = performance.now()
    const seconds = () => (performance.now() - started) / 1_000
    try {
      const { loaded } = await loadAndPublish(options)
      fault = undefined
      metrics.loaded(loaded, seconds())
    } catch (error) {
      if (signal.aborted) throw error
      metrics.loadFailed(seconds())
      const message = error instanceof FdxError ? error.message : 'a fault of its own'
      fault = { since: fault?.since ?? world.now(), message }
      throw error
    }
  }

  const begin = (): Promise<void> => {
    loading = loadOnce().finally(() => {
      loading = undefined
    })
    return loading
  }

  function load(): Promise<void> {
    if (!options.loads) return Promise.resolve()
    if (loading === undefined) return begin()
    next ??= loading
      .catch(() => {})
      .then(() => {
        next = undefined
        return begin()
      })
    return next
  }

  async function run(pipeline: string): Promise<void> {
    const started = performance.now()
    let status = 'failed'
    const following: { done(): void }[] = []
    try {
      const job = options.jobOf(pipeline)
      const reports = await extract([job], {
        ...options,
        watch,
        onTokens: (provider, counters) => following.push(metrics.tokens(provider, counters)),
      })
      for (const report of reports) metrics.extracted(report)
      // What was read before a stop is landed; the rest is for the next process, as the same run.
      if (reports.some(({ ended }) => ended.stopped !== undefined))
        throw new FdxError('STOPPED', 'stopped before the end; the next process goes on from here')
      await load()
      const notOk = reports.some(({ ended }) => Object.keys(ended).some((how) => how !== 'ok'))
      status = notOk ? 'partial' : 'ok'
    } catch (error) {
      if (error instanceof FdxError && error.code === 'STOPPED') status = 'stopped'
      throw error
    } finally {
      for (const one of following) one.done()
      metrics.ran(pipeline, status, (performance.now() - started) / 1_000)
    }
  }

  return {
    run,
    load,
    loadFault: () => fault,
    settled: async () => {
      while (loading !== undefined || next !== undefined) await Promise.allSettled([loading, next])
    },
  }
}
