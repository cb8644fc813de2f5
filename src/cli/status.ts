import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { listPipelines, readPipeline } from '../config/read.ts'
import { dataPaths, readableDataDir, type Settings } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { openCurrent } from '../serve/generation.ts'
import { type Attention, needsAttention } from '../state/attention.ts'
import { type Connection, listSome } from '../state/connections.ts'
import { lastRuns, type RunConnection, runConnections } from '../state/runs.ts'
import { connectionCounts, consentEnds, pipelineStandings, staleness } from '../state/standing.ts'
import { openState, type State } from '../state/state.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, openTalk, print } from './terminal.ts'
import { settingsOf } from './tools.ts'

const text = (name: string) => ({ name, type: 'VARCHAR' }) as const
const number = (name: string) => ({ name, type: 'BIGINT' }) as const

/** One screen: so many lines of what needs attention, and so many connections, are shown. */
const shownAttention = 15
const shownConnections = 15
/** In JSON, for programs. */
const listedConnections = 1_000

export function addStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('on one screen: what is wrong, since when, and what to do')
    .option('--json', 'as one JSON object')
    .action(async (flags) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(readableDataDir(settings))
      if (!existsSync(paths.stateFile))
        throw new FdxError('WAREHOUSE_MISSING', 'nothing is here yet; try: npm start')
      using talk = openTalk('lines')
      using state = openState(paths.stateFile)
      if (paths.root !== settings.dataDir) talk.say(`This is the demo’s data, in ${paths.root}.`)
      const now = realWorld.now()
      const attention = [
        ...wrongFiles(settings),
        ...needsAttention(state, paths.root, now),
        ...(await brokenChecks(paths)),
      ]
      if (flags.json) return print(JSON.stringify(asObject(state, paths.root, attention)))
      print(attentionText(attention, now))
      print(`Connections\n${providersTable(state, now)}`)
      const some = listSome(state, shownConnections + 1)
      if (some.length <= shownConnections) print(connectionsTable(state, some))
      print(`Pipelines\n${pipelinesTable(state, now)}`)
    })
}

/** Pipeline files that cannot be read, or are not there: nobody runs them. */
function wrongFiles({ pipelinesDir, env }: Settings): Attention[] {
  const wrong: Attention[] = []
  const attempt = <T>(read: () => T, todo: string): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof FdxError)) throw error
      const [what = ''] = error.message.split('\n')
      wrong.push({ level: 'now', what, since: null, todo })
      return undefined
    }
  }
  for (const name of attempt(() => listPipelines(pipelinesDir), 'nothing runs') ?? [])
    attempt(() => readPipeline(pipelinesDir, name, env), 'mend the file; its pipeline does not run')
  return wrong
}

/** Checks of the data that found something in the published load. */
async function brokenChecks(paths: ReturnType<typeof dataPaths>): Promise<Attention[]> {
  if (!existsSync(paths.generations)) return []
  try {
    using generation = await openCurrent(paths, { memoryLimit: '256MB' })
    const { rows } = await generation.query(
      'select name, failed_rows from ops.checks where failed_rows > 0 order by name',
    )
    return rows.map(([name, failed]) => ({
      level: 'now',
      what: `check ${name} finds ${failed} rows in the published load`,
      since: null,
      todo: `sql/checks/${name}.sql shows them`,
    }))
  } catch (error) {
    const why = error instanceof FdxError ? error.message.split('\n')[0] : 'it does not open'
    return [{ level: 'now', what: `the published load: ${why}`, since: null, todo: 'fdx doctor' }]
  }
}

function attentionText(attention: readonly Attention[], now: number): string {
  if (attention.length === 0) return 'All is well: nothing waits for you.\n'
  const rows = attention
    .slice(0, shownAttention)
    .map(({ level, what, since, todo }) => [level, what, since ? ago(since, now) : '', todo])
  const more = attention.length - rows.length
  const columns = [text(''), text('what is wrong'), text('since'), text('what to do')]
  return `Needs attention\n${asTable({ columns, rows })}${more > 0 ? `and ${more} more: fdx status --json\n` : ''}`
}

/** A line for each provider, however many are connected to it. */
function providersTable(state: State, now: number): string {
  const counts = Map.groupBy(connectionCounts(state), ({ provider }) => provider)
  const ends = new Map(consentEnds(state, now).map((one) => [one.provider, one]))
  const stale = new Map(staleness(state).map((one) => [one.provider, one]))
  const columns = [
    text('provider'),
    number('active'),
    text('others'),
    text('longest without a complete pull'),
    text('first consent ends'),
  ]
  const rows = [...counts].map(([provider, some]) => {
    const active = some.find((one) => one.state === 'active')?.connections ?? 0
    const others = some.filter((one) => one.state !== 'active')
    const { oldest_good_at = null, never = 0 } = stale.get(provider) ?? {}
    const soonest = ends.get(provider)?.soonest
    return [
      provider,
      String(active),
      others.map((one) => `${one.connections} ${one.state}`).join(', '),
      [oldest_good_at && ago(oldest_good_at, now), never > 0 && `${never} never`]
        .filter(Boolean)
        .join(', '),
      soonest === undefined ? '' : `in ${soonest} days`,
    ]
  })
  return asTable({ columns, rows })
}

function connectionsTable(state: State, connections: readonly Connection[]): string {
  const lastOf = lastParts(state)
  const columns = ['connection', 'provider', 'label', 'state', 'last run', 'last good']
  return asTable({
    columns: columns.map(text),
    rows: connections.map((connection) => {
      const last = lastOf.get(connection.id)
      return [
        connection.id,
        connection.provider,
        connection.label,
        connection.state,
        last ? [last.status, last.code].filter(Boolean).join(' ') : 'never',
        connection.last_good_at?.slice(0, 16).replace('T', ' ') ?? 'never',
      ]
    }),
  })
}

function pipelinesTable(state: State, now: number): string {
  const columns = ['pipeline', 'last run', 'started', 'last good', 'how it went'].map(text)
  const rows = pipelineStandings(state).map((one) => [
    one.pipeline,
    one.status,
    ago(one.started_at, now),
    one.good_at === null ? 'never' : ago(one.good_at, now),
    one.message,
  ])
  return asTable({ columns, rows })
}

function lastParts(state: State): ReadonlyMap<string, RunConnection> {
  const parts = lastRuns(state, 10)
    .toReversed()
    .flatMap(({ id }) => runConnections(state, id))
  return new Map(parts.map((part) => [part.connection_id, part]))
}

/** For programs: what needs attention, the first thousand connections, the last runs with their parts. */
function asObject(state: State, root: string, attention: readonly Attention[]) {
  const lastOf = lastParts(state)
  return {
    data: root,
    attention,
    counts: connectionCounts(state),
    connections: listSome(state, listedConnections).map(({ subject: _, ...rest }) => ({
      ...rest,
      last: lastOf.get(rest.id) ?? null,
    })),
    runs: lastRuns(state, 10).map((run) => ({ ...run, parts: runConnections(state, run.id) })),
  }
}

/** Such as `3 h ago`. */
function ago(instant: string, now: number): string {
  const minutes = Math.round((now - Date.parse(instant)) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} h ago`
  return `${Math.round(minutes / 1440)} days ago`
}
