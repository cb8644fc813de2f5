import type { Command } from 'commander'
import { listPipelines } from '../config/read.ts'
import { cutOffAfter } from '../cut-off.ts'
import { FdxError } from '../errors.ts'
import { type PipelinePlan, planPipeline } from '../extract/plan.ts'
import { type Job, type PipelineReport, type RunReport, run, type Watch } from '../run.ts'
import { connectedProviders } from '../state/connections.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { openRate } from './progress.ts'
import { type Cli, exitCodes, openTalk, print, type Talk } from './terminal.ts'
import { connectedPipelines, openTools, publishOptions, readJobs, settingsOf } from './tools.ts'

/** After a signal a run has ended by then, or is cut off: nothing is lost that way either. Milliseconds. */
const longestStopMs = 25_000

export function addRun(program: Command, cli: Cli): void {
  program
    .command('run')
    .argument('[pipelines...]', 'files of the pipelines folder, without .yaml')
    .description('extract what the pipelines name, load it and publish it, once')
    .option('--all', 'every pipeline whose provider somebody is connected to')
    .option('--failed', 'only the connections whose last run did not end ok')
    .option('--dry-run', 'say what would be asked, how often and for how long; send nothing')
    .option('--json', 'the report as one JSON object')
    .action(async (names: string[], flags) => {
      const settings = settingsOf(cli.env)
      if (names.length === 0 && !flags.all)
        throw new FdxError(
          'USAGE',
          `name a pipeline, or say --all; there are: ${listPipelines(settings.pipelinesDir).join(', ')}`,
        )
      const named = readJobs(settings, names)
      using talk = openTalk('logs')
      using tools = await openTools(settings, talk.say)
      const connected = connectedProviders(tools.state)
      const jobs = flags.all ? readJobs(settings, connectedPipelines(settings, connected)) : named
      if (flags.all) warnOfUnasked(jobs, connected, talk)
      for (const { pipeline, provider } of jobs)
        if (!connected.has(provider.name))
          talk.say(
            `${pipeline.name}: nobody is connected; connect somebody first: fdx connect ${provider.name}`,
          )
      const onlyFailed = flags.failed === true
      if (flags.dryRun) {
        const plans = jobs.map((job) =>
          planPipeline(job, { ...tools, world: realWorld, onlyFailed }),
        )
        print(flags.json ? JSON.stringify({ plans }) : plansText(plans))
        return
      }
      cutOffAfter(cli.signal, longestStopMs, () =>
        talk.say('still not done; cut off. What was landed or committed is kept'),
      )
      const report = await run(jobs, {
        ...tools,
        onlyFailed,
        world: realWorld,
        signal: cli.signal,
        watch: watchWith(talk),
        publish: publishOptions(settings),
      })
      talk.progress('done')
      if (flags.json) print(JSON.stringify(reportJson(report)))
      else print(`${connectionsText(report)}\n${tablesText(report)}`)
      cli.exit = exitOf(report)
    })
}

/** `--all` may be less than is meant. */
function warnOfUnasked(jobs: readonly Job[], connected: ReadonlySet<string>, talk: Talk): void {
  if (connected.size === 0) talk.say('nobody is connected yet; connect somebody first: fdx connect')
  const asked = new Set(jobs.map(({ provider }) => provider.name))
  for (const name of connected)
    if (!asked.has(name))
      talk.say(`${name}: somebody is connected, but no pipeline asks it; fdx doctor says more`)
}

/** Progress for people, events for machines. */
export function watchWith(talk: Talk): Watch {
  const rateOf = openRate()
  return {
    underWay: ({ pipeline: { name } }) =>
      talk.say(`${name}: under way in another fdx process; not run here`),
    extracting({ pipeline: { name } }, { connections, of, pages, bytes }) {
      const rate = rateOf(name, pages)
      const pace = rate && ` (${rate})`
      const size = (bytes / 1e6).toFixed(1)
      talk.progress(
        `${name}: ${connections} of ${of} connections, ${pages} pages${pace}, ${size} MB`,
      )
    },
    connectionEnded: ({ pipeline }, { connectionId, status, code, pages, retries }) =>
      talk.event('connection ended', {
        pipeline: pipeline.name,
        connection: connectionId,
        status,
        code,
        pages,
        retries,
      }),
    unreachable: ({ pipeline, provider }, pauseMs) =>
      talk.say(
        `${pipeline.name}: ${provider.name} cannot be reached, or asks to be left alone: for ${Math.ceil(pauseMs / 1000)} s`,
      ),
    loading: ({ segments, pages, of }) =>
      talk.progress(`loading: ${segments} of ${of} segments, ${pages} pages`),
    waitingForLoader: () => talk.say('another fdx process is loading; waiting for it'),
  }
}

const text = { type: 'VARCHAR' } as const
const count = { type: 'BIGINT' } as const

/** What each pipeline would ask for, and then how many requests of what. */
export function plansText(plans: readonly PipelinePlan[]): string {
  const counts = ['connections', 'waiting for a person', 'requests at least', 'seconds at least']
  const rows = plans.map((plan) => [
    plan.pipeline,
    plan.resumes ? 'goes on with the last run' : 'a new run',
    ...[plan.connections, plan.waiting, plan.requestsAtLeast, plan.secondsAtLeast].map(String),
  ])
  const columns = [
    { name: 'pipeline', ...text },
    { name: 'how', ...text },
    ...counts.map((name) => ({ name, ...count })),
  ]
  const requests = plans.flatMap(({ pipeline, requests }) =>
    Object.entries(requests).map(([what, some]) => [pipeline, what, String(some)]),
  )
  const of = [
    { name: 'pipeline', ...text },
    { name: 'asks for', ...text },
    { name: 'requests', ...count },
  ]
  return `${asTable({ columns, rows })}\n${asTable({ columns: of, rows: requests })}Nothing was sent. Further pages, new accounts and retries come on top.\n`
}

const sumOf = ({ extracted }: RunReport, what: 'pages' | 'bytes' | 'requests' | 'retries') =>
  extracted.reduce((total, one) => total + one[what], 0)

/** The report as one object for machines. */
export function reportJson(report: RunReport) {
  const { tables, rejects, newRejects, checks } = report.loaded
  const connections: Record<string, number> = {}
  for (const { ended } of report.extracted)
    for (const [status, some] of Object.entries(ended))
      connections[status] = (connections[status] ?? 0) + some
  return {
    tables,
    connections,
    underWay: report.underWay,
    rejects,
    newRejects,
    checks: Object.fromEntries(checks.map(({ name, failed }) => [name, failed])),
    pages: sumOf(report, 'pages'),
    bytes: sumOf(report, 'bytes'),
    requests: sumOf(report, 'requests'),
    retries: sumOf(report, 'retries'),
    generation: report.generation,
  }
}

/** Connections that did not give all they have. */
export const notOkCount = ({ ended }: PipelineReport): number =>
  Object.entries(ended).reduce((sum, [status, some]) => (status === 'ok' ? sum : sum + some), 0)

/** `partly` when a connection did not give all it has, or another process was running one of the pipelines. */
export const exitOf = ({ extracted, underWay }: RunReport): number =>
  underWay.length === 0 && extracted.every((one) => notOkCount(one) === 0)
    ? exitCodes.done
    : exitCodes.partly

/** A line for each pipeline, and one for each connection that did not end well. */
export function connectionsText({ extracted }: RunReport): string {
  const pipelines = asTable({
    columns: [
      { name: 'pipeline', ...text },
      ...['ok', 'not ok', 'pages', 'requests', 'retries'].map((name) => ({ name, ...count })),
    ],
    rows: extracted.map((one) =>
      [
        one.job.pipeline.name,
        one.ended.ok ?? 0,
        notOkCount(one),
        one.pages,
        one.requests,
        one.retries,
      ].map(String),
    ),
  })
  const listed = extracted.flatMap(({ job, notOk }) =>
    notOk.map(({ connectionId, status, code, message }) => [
      connectionId,
      job.provider.name,
      status,
      code,
      message,
    ]),
  )
  if (listed.length === 0) return pipelines
  const columns = ['connection', 'provider', 'ended', 'code', 'why, and what to do']
  const unlisted = extracted.reduce((sum, one) => sum + notOkCount(one), 0) - listed.length
  const more = unlisted === 0 ? '' : `and ${unlisted} more; see ops.run_connections\n`
  return `${pipelines}\n${asTable({ columns: columns.map((name) => ({ name, ...text })), rows: listed })}${more}`
}

/** Rows of every table that has any, what was rejected, and the checks that found something. */
export function tablesText({ loaded, generation }: RunReport): string {
  const tables = asTable({
    columns: [
      { name: 'table', ...text },
      { name: 'rows', ...count },
    ],
    rows: Object.entries(loaded.tables)
      .filter(([, rows]) => rows > 0)
      .map(([name, rows]) => [name, String(rows)]),
  })
  const found = loaded.checks.filter(({ failed }) => failed > 0)
  const checks = found
    .map(({ name, failed }) => `Check ${name} found ${failed}: see ops.checks\n`)
    .join('')
  const rejects = `Values that could not be read: ${loaded.rejects} (${loaded.newRejects} new): see ops.rejects\n`
  const published =
    generation === null ? 'Nothing has changed.\n' : `Published as generation ${generation}.\n`
  return `${tables}\n${rejects}${checks}${published}`
}
