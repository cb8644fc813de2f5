import type { Pipeline } from '../config/pipeline.ts'
import type { Provider } from '../config/provider.ts'
import { listPipelines, readPipeline, readProvider } from '../config/read.ts'
import type { Settings } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import type { Job } from '../run.ts'
import { type ScheduledPipeline, scheduled } from '../schedule/pipelines.ts'

/** The files of the pipelines folder, read again when they were read this long ago. Milliseconds. */
const restMs = 10_000

/** Pipelines and providers as their files say now. A file that is wrong stops no other. */
export interface Configured {
  /** Those with a cron line whose provider somebody is connected to. */
  scheduled(connected: ReadonlySet<string>): readonly ScheduledPipeline[]
  providers(): readonly Provider[]
  /** What is wrong with pipeline files, by file and field: they are not run. */
  problems(): readonly string[]
  /** @throws FdxError `CONFIG_INVALID`, `SECRET_MISSING`. */
  jobOf(pipeline: string): Job
}

/** @param onProblem is given a file's problem once, and again only after it was mended. */
export function openConfigured(
  settings: Settings,
  onProblem: (message: string) => void,
): Configured {
  const { pipelinesDir, env } = settings
  let told = new Set<string>()
  let read:
    | {
        readonly at: number
        readonly plans: readonly ScheduledPipeline[]
        readonly ofPipeline: ReadonlyMap<string, string>
        readonly providers: readonly Provider[]
        readonly problems: readonly string[]
      }
    | undefined

  function look() {
    if (read && performance.now() - read.at < restMs) return read
    const problems = new Set<string>()
    const attempt = <T>(work: () => T): T[] => {
      try {
        return [work()]
      } catch (error) {
        if (!(error instanceof FdxError)) throw error
        problems.add(error.message)
        return []
      }
    }
    const pipelines: Pipeline[] = attempt(() => listPipelines(pipelinesDir))
      .flat()
      .flatMap((name) => attempt(() => readPipeline(pipelinesDir, name, env)))
    // A provider whose secrets are missing is no problem as long as nobody is connected to it.
    const providers = [...new Set(pipelines.map(({ provider }) => provider))].flatMap((name) => {
      try {
        return [readProvider(pipelinesDir, name, env)]
      } catch (error) {
        if (error instanceof FdxError) return []
        throw error
      }
    })
    for (const problem of problems) if (!told.has(problem)) onProblem(problem)
    told = problems
    read = {
      at: performance.now(),
      plans: scheduled(pipelines),
      ofPipeline: new Map(pipelines.map(({ name, provider }) => [name, provider])),
      providers,
      problems: [...problems],
    }
    return read
  }

  return {
    scheduled: (connected) => {
      const { plans, ofPipeline } = look()
      return plans.filter(({ name }) => connected.has(ofPipeline.get(name) ?? ''))
    },
    providers: () => look().providers,
    problems: () => look().problems,
    jobOf: (name) => {
      const pipeline = readPipeline(pipelinesDir, name, env)
      return { pipeline, provider: readProvider(pipelinesDir, pipeline.provider, env) }
    },
  }
}
