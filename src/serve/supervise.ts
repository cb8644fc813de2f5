import type { Logger } from 'pino'
import type { ServeSettings } from '../config/serve.ts'
import type { PartName } from '../config/serve-http.ts'
import type { DataPaths, Settings } from '../config/settings.ts'
import type { Vault } from '../connect/vault.ts'
import { safeError } from '../errors.ts'
import type { Watch } from '../run.ts'
import { nextStart } from '../schedule/due.ts'
import { recall } from '../schedule/pipelines.ts'
import { openScheduler } from '../schedule/scheduler.ts'
import { startTick } from '../schedule/tick.ts'
import { connectedProviders } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { addConsole } from './console-part.ts'
import { addHealth, type Check, storageChecks } from './health.ts'
import { type HttpServer, openHttp } from './http.ts'
import { openLander } from './lander.ts'
import { addGauges } from './metrics/gauges.ts'
import { openMetrics } from './metrics/registry.ts'
import { timeRequests } from './metrics/requests.ts'
import { addMetrics } from './metrics/route.ts'
import { openConfigured } from './pipelines.ts'
import { openSqlPart } from './sql-part.ts'
import { addWebhooks } from './webhooks.ts'
import { openWork } from './work.ts'

export interface ServeOptions {
  readonly settings: Settings
  readonly serve: ServeSettings
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  readonly world: World
  /** Aborted: nothing new begins, what can end ends. */
  readonly signal: AbortSignal
  readonly log: Logger
  readonly version: string
  /** Whoever has it may sign in to the console. */
  readonly signInToken: string
}

export interface Served extends AsyncDisposable {
  readonly http: HttpServer
  /** Where the SQL endpoint listens; undefined when it is not one of the parts. */
  readonly sql: { readonly host: string; readonly port: number } | undefined
}

/** A scheduler that has not ticked for so long does not work. Milliseconds. */
const silenceMs = 5 * 60_000

/**
 * Starts the parts of the long-running process: each stands on its own, and what ends one ends no other. The
 * disposer stops them in the order that loses nothing: no new work, then what is under way, then the doors.
 * @throws FdxError `CONFIG_INVALID` and what else keeps a part from starting; nothing is left running then.
 */
export async function openServe(options: ServeOptions): Promise<Served> {
  const { settings, serve, paths, state, vault, world, signal, log, version } = options
  const has = (part: PartName) => serve.parts.includes(part)
  await using stack = new AsyncDisposableStack()

  const metrics = openMetrics()
  const configured = openConfigured(settings, (message) => log.error(message))
  if (has('metrics')) stack.use(timeRequests(metrics, configured.providers))
  const watch: Watch = {
    extracting: () => {},
    connectionEnded: ({ pipeline, provider }, { connectionId, status, code, ...sum }) => {
      metrics.connectionEnded(provider.name, status, code)
      const line = {
        pipeline: pipeline.name,
        connection: connectionId,
        status,
        code,
        pages: sum.pages,
      }
      if (status === 'ok') log.debug(line, 'connection ended')
      else log.warn(line, 'connection ended')
    },
    unreachable: ({ pipeline, provider }, pauseMs) =>
      log.warn(
        { pipeline: pipeline.name, provider: provider.name, pauseMs },
        'provider cannot be reached, or asks to be left alone',
      ),
    loading: () => {},
    underWay: ({ pipeline: { name } }) =>
      log.info({ pipeline: name }, 'under way in another fdx process'),
    waitingForLoader: () => log.info('another fdx process is loading; waiting for it'),
  }
  const work = openWork({
    ...{ paths, state, vault, world, signal, settings, watch, metrics },
    jobOf: configured.jobOf,
    loads: has('load'),
    publish: { keep: serve.generations.kept },
  })
  stack.defer(() => work.settled())
  /** Nobody waits for it: its failure is in the metrics, the health and the log. */
  const loadSoon = () =>
    void work.load().catch((error: unknown) => {
      if (!signal.aborted) log.error({ error: safeError(error) }, 'load failed')
    })

  const connected = () => configured.scheduled(connectedProviders(state))
  const scheduler = openScheduler({
    ...{ state, world, signal },
    locks: paths.locks,
    pipelines: connected,
    run: work.run,
    atOnce: serve.schedule.atOnce,
    log: {
      started: (pipeline, due) =>
        log.info({ pipeline, due: new Date(due.dueAt), missed: due.missed }, 'run started'),
      ended: (pipeline, due, { status, message }) => {
        const line = { pipeline, due: new Date(due.dueAt), status, ...(message && { message }) }
        if (status === 'failed') log.error(line, 'run ended')
        else log.info(line, 'run ended')
      },
      failed: (why) => log.error({ error: why }, 'the scheduler could not look what is due'),
    },
  })
  const byHand = new Set<Promise<void>>()
  stack.defer(async () => void (await Promise.allSettled(byHand)))
  const runNow = (pipeline: string) => {
    const one = work.run(pipeline).catch((error: unknown) => {
      if (!signal.aborted) log.error({ pipeline, error: safeError(error) }, 'run failed')
    })
    byHand.add(one)
    void one.finally(() => byHand.delete(one))
  }
  const nextStarts = () =>
    connected().flatMap((pipeline) => {
      const now = world.now()
      const next = nextStart(pipeline.schedule, recall(state, pipeline, now), now)
      return next === undefined ? [] : [{ pipeline: pipeline.name, at: next.startsAt }]
    })

  const sql = has('sql')
    ? stack.use(
        await openSqlPart({ paths, settings: serve.sql, signal, log, registry: metrics.registry }),
      )
    : undefined
  let lastTick = performance.now()
  const checks = async () => {
    const found: Record<string, Check> = { ...(await storageChecks(state, paths)) }
    if (has('schedule')) {
      const isTicking = performance.now() - lastTick < silenceMs
      const problems = configured.problems()
      found['schedule'] = check(
        isTicking && problems.length === 0,
        false,
        isTicking
          ? `not run, since their files are wrong: ${problems.join('; ')}`
          : 'the scheduler has stopped; restart fdx serve',
      )
    }
    const fault = work.loadFault()
    if (has('load'))
      found['load'] = check(
        fault === undefined,
        false,
        `loads fail since ${new Date(fault?.since ?? 0).toISOString()}: ${fault?.message}`,
      )
    if (sql)
      found['sql'] = check(
        sql.isReady(),
        true,
        'the SQL endpoint is being started again; see the log',
      )
    return found
  }
  const lander = has('webhooks')
    ? stack.use(openLander({ paths, state, world }, loadSoon))
    : undefined

  const http = stack.use(
    await openHttp(serve.http, log, async (app) => {
      addHealth(app, checks)
      if (has('metrics')) {
        addMetrics(app, metrics.registry, serve.metrics.token)
        addGauges({
          ...{ registry: metrics.registry, state, paths, world, version },
          nextStarts: () => nextStarts().map(({ pipeline, at }) => ({ pipeline, at: at / 1_000 })),
          parts: async () =>
            Object.fromEntries(Object.entries(await checks()).map(([part, { ok }]) => [part, ok])),
        })
      }
      if (lander)
        addWebhooks(app, {
          ...{ settings, state, world },
          land: lander.land,
          atOnce: serve.webhooks.atOnce,
          log: (line) => log.info(line),
          onEnd: metrics.webhook,
        })
      if (has('console'))
        await addConsole(app, {
          ...{ settings, paths, state, vault, world, signal, runNow, sql },
          publicUrl: serve.http.publicUrl,
          signInToken: options.signInToken,
          fileProblems: configured.problems,
          nextRuns: () =>
            nextStarts().map(({ pipeline, at }) => ({ pipeline, at: new Date(at).toISOString() })),
        })
    }),
  )

  if (has('schedule')) {
    const tick = () => {
      lastTick = performance.now()
      scheduler.tick()
    }
    stack.use(scheduler)
    stack.use(startTick(tick))
    tick()
  }
  if (has('load')) loadSoon() // what a process that died has landed
  const all = stack.move()
  return { http, sql: sql?.address(), [Symbol.asyncDispose]: () => all.disposeAsync() }
}

const check = (ok: boolean, critical: boolean, why: string): Check => ({
  ok,
  critical,
  why: ok ? '' : why,
})
