import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { newTokenMetrics, type TokenMetrics } from '../../connect/token-metrics.ts'
import type { PipelineReport } from '../../extract/pipeline-run.ts'
import type { LoadReport } from '../../load/load.ts'

/** Seconds: from a quick answer to one that a bank takes a minute for. */
const answerBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Seconds: runs and loads, from one connection to very many. */
const workBuckets = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400]

/** What is counted as it happens. Names follow https://prometheus.io/docs/practices/naming/. */
export interface Metrics {
  readonly registry: Registry
  /** One answer of a provider, or none. `status`: its class (`2xx`) or `none`. */
  answered(provider: string, status: string, seconds: number): void
  /** A pipeline's part of a run has ended, or could not be done. */
  ran(pipeline: string, status: string, seconds: number): void
  extracted(report: PipelineReport): void
  connectionEnded(provider: string, status: string, code: string): void
  loaded(report: LoadReport, seconds: number): void
  loadFailed(seconds: number): void
  webhook(provider: string, status: number): void
  /** Follows a token manager's own counters until `done`. */
  tokens(provider: string, metrics: TokenMetrics): { done(): void }
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers })
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ) => new Histogram<L>({ name, help, labelNames, buckets, registers })

  const requests = histogram(
    'fdx_provider_request_duration_seconds',
    'Requests to providers until the head of the answer, by class of status.',
    ['provider', 'status'],
    answerBuckets,
  )
  const runs = histogram(
    'fdx_run_duration_seconds',
    'Runs of pipelines: extraction, and the load behind it.',
    ['pipeline', 'status'],
    workBuckets,
  )
  const connectionRuns = counter(
    'fdx_connection_runs_total',
    'Connections that a run was done with, by how that ended.',
    ['provider', 'status', 'code'],
  )
  const pages = counter('fdx_pages_total', 'Pages landed.', ['provider'])
  const bytes = counter('fdx_page_bytes_total', 'Bytes of pages landed, decoded.', ['provider'])
  const retries = counter('fdx_provider_retries_total', 'Requests sent again.', ['provider'])
  const loads = histogram(
    'fdx_load_duration_seconds',
    'Loads of landed segments, publishing included.',
    ['status'],
    workBuckets,
  )
  const segments = counter('fdx_segments_loaded_total', 'Segments loaded.')
  const loadedPages = counter('fdx_pages_loaded_total', 'Pages loaded.')
  const newRejects = counter('fdx_rejects_total', 'Values that could not be read.')
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers })
  const rejects = gauge('fdx_rejects', 'Values in ops.rejects, after the last load.')
  const rows = gauge('fdx_table_rows', 'Rows of a table, after the last load.', ['table'])
  const checks = gauge('fdx_check_failed_rows', 'Rows that break a check, after the last load.', [
    'check',
  ])
  const webhooks = counter('fdx_webhooks_total', 'Webhook deliveries, by answer.', [
    'provider',
    'status',
  ])
  const refreshes = counter('fdx_token_refreshes_total', 'Token refreshes, by outcome.', [
    'provider',
    'outcome',
  ])
  const reauths = counter(
    'fdx_reauth_total',
    'Connections that lost their grant, by reason: each needs a person.',
    ['provider', 'reason'],
  )
  const following = new Set<() => void>()

  function tokens(provider: string, metrics: TokenMetrics): { done(): void } {
    const seen = newTokenMetrics()
    const follow = () => {
      addGrowth(metrics.token_refresh_total, seen.token_refresh_total, (outcome, by) =>
        refreshes.inc({ provider, outcome }, by),
      )
      addGrowth(metrics.reauth_total, seen.reauth_total, (reason, by) =>
        reauths.inc({ provider, reason }, by),
      )
    }
    following.add(follow)
    return {
      done: () => {
        follow()
        following.delete(follow)
      },
    }
  }
  // What is being followed is brought up to date by whoever asks for the metrics.
  new Gauge({
    name: 'fdx_token_managers',
    help: 'Token managers at work.',
    registers,
    collect() {
      for (const follow of following) follow()
      this.set(following.size)
    },
  })

  return {
    registry,
    answered: (provider, status, seconds) => requests.observe({ provider, status }, seconds),
    ran: (pipeline, status, seconds) => runs.observe({ pipeline, status }, seconds),
    extracted: ({ job, ...sum }) => {
      const provider = job.provider.name
      pages.inc({ provider }, sum.pages)
      bytes.inc({ provider }, sum.bytes)
      retries.inc({ provider }, sum.retries)
    },
    connectionEnded: (provider, status, code) => connectionRuns.inc({ provider, status, code }),
    loaded: (report, seconds) => {
      loads.observe({ status: 'ok' }, seconds)
      segments.inc(report.segments)
      loadedPages.inc(report.pages)
      newRejects.inc(report.newRejects)
      rejects.set(report.rejects)
      for (const [table, count] of Object.entries(report.tables))
        if (count > 0) rows.set({ table }, count)
      for (const { name, failed } of report.checks) checks.set({ check: name }, failed)
    },
    loadFailed: (seconds) => loads.observe({ status: 'failed' }, seconds),
    webhook: (provider, status) => webhooks.inc({ provider, status: String(status) }),
    tokens,
  }
}

function addGrowth<K extends string>(
  counts: Readonly<Record<K, number>>,
  before: Record<K, number>,
  add: (name: K, by: number) => void,
): void {
  for (const name of Object.keys(counts) as K[]) {
    const by = counts[name] - before[name]
    if (by > 0) add(name, by)
    before[name] = counts[name]
  }
}
