import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { dataPaths, readableDataDir } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { type Connection, listConnections } from '../state/connections.ts'
import { consentDaysLeft } from '../state/consents.ts'
import { lastRuns, type RunConnection, runConnections } from '../state/runs.ts'
import { openState } from '../state/state.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, openTalk, print } from './terminal.ts'
import { settingsOf } from './tools.ts'

const text = { type: 'VARCHAR' } as const

export function addStatus(program: Command, cli: Cli): void {
  program
    .command('status')
    .description('how every connection and the last runs stand, and what to do next')
    .option('--json', 'as one JSON object')
    .action((flags) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(readableDataDir(settings))
      if (!existsSync(paths.stateFile))
        throw new FdxError('WAREHOUSE_MISSING', 'nothing is here yet; try: npm start')
      using talk = openTalk('lines')
      using state = openState(paths.stateFile)
      if (paths.root !== settings.dataDir) talk.say(`This is the demo’s data, in ${paths.root}.`)
      const connections = listConnections(state)
      const runs = lastRuns(state, 10).map((run) => ({
        ...run,
        parts: runConnections(state, run.id),
      }))
      const lastOf = new Map<string, RunConnection>()
      for (const part of runs.toReversed().flatMap(({ parts }) => parts))
        lastOf.set(part.connection_id, part)
      if (flags.json) {
        const shown = connections.map(({ subject: _, ...rest }) => ({
          ...rest,
          last: lastOf.get(rest.id) ?? null,
        }))
        print(JSON.stringify({ data: paths.root, connections: shown, runs }))
        return
      }
      print(`Connections\n${connectionTable(connections, lastOf)}`)
      print(
        `Last runs\n${asTable({
          columns: ['started', 'pipeline', 'status', 'connections', 'message'].map((name) => ({
            name,
            ...text,
          })),
          rows: runs.map(({ started_at, pipeline, status, parts, message }) => [
            started_at.slice(0, 19).replace('T', ' '),
            pipeline,
            status,
            `${parts.filter((part) => part.status === 'ok').length}/${parts.length} ok`,
            message,
          ]),
        })}`,
      )
    })
}

function connectionTable(
  connections: readonly Connection[],
  lastOf: ReadonlyMap<string, RunConnection>,
): string {
  const columns = [
    'connection',
    'provider',
    'label',
    'state',
    'last run',
    'last good',
    'what to do',
  ]
  return asTable({
    columns: columns.map((name) => ({ name, ...text })),
    rows: connections.map((connection) => {
      const last = lastOf.get(connection.id)
      return [
        connection.id,
        connection.provider,
        connection.label,
        connection.state,
        last ? [last.status, last.code].filter(Boolean).join(' ') : 'never',
        connection.last_good_at?.slice(0, 16).replace('T', ' ') ?? 'never',
        whatToDo(connection, last),
      ]
    }),
  })
}

/** FDX suggests to warn 30 days before a consent ends. */
const warnDays = 30

function endsSoon(connection: Connection): string {
  const days = consentDaysLeft(connection, realWorld.now())
  if (days === undefined || days > warnDays) return ''
  return `the consent ends in ${days} days; ask the person to renew it: fdx connect ${connection.provider}`
}

/** One sentence a person can act on. */
function whatToDo(connection: Connection, last: RunConnection | undefined): string {
  switch (connection.state) {
    case 'reauth':
      return `fdx connect ${connection.provider} (${connection.reason})`
    case 'needs_mfa':
      return `fdx connect ${connection.provider} --relaunch ${connection.id} (the bank asks a question)`
    case 'purging':
      return `fdx connections purge ${connection.id} (it was cut off)`
    case 'revoked':
    case 'purged':
      return ''
    case 'active':
      if (last === undefined) return `fdx run ${connection.provider}-nightly`
      if (last.status !== 'ok') return last.message
      return endsSoon(connection)
  }
}
