import type { Command } from 'commander'
import type { Provider } from '../config/provider.ts'
import { readProvider } from '../config/read.ts'
import { endConnection } from '../connect/end.ts'
import { FdxError } from '../errors.ts'
import { merge } from '../merge.ts'
import { purge } from '../purge.ts'
import { brokenAudit } from '../state/audit.ts'
import { type Connection, getConnection, listConnections } from '../state/connections.ts'
import { consentDaysLeft, consentsOf } from '../state/consents.ts'
import { type Receipt, receiptOf } from '../state/purges.ts'
import type { State } from '../state/state.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, exitCodes, openTalk, print, type Talk } from './terminal.ts'
import { openTools, publishOptions, settingsOf, type Tools } from './tools.ts'

const text = { type: 'VARCHAR' } as const

export function addConnections(program: Command, cli: Cli): void {
  const connections = program
    .command('connections')
    .description('who is connected: list, show, revoke, purge, merge, audit')

  connections
    .command('list')
    .description('every connection, its state and its consent')
    .option('--provider <name>', 'of one provider only')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      await withTools(cli, async ({ state }) => {
        const rows = listConnections(state, flags.provider)
        if (flags.json) return print(JSON.stringify(rows.map(shown)))
        const columns = [
          'connection',
          'provider',
          'label',
          'state',
          'consent ends',
          'days left',
          'last good pull',
        ]
        print(
          asTable({
            columns: columns.map((name) => ({ name, ...text })),
            rows: rows.map((row) => [
              row.id,
              row.provider,
              row.label,
              row.state,
              day(row.consent_ends_at),
              String(consentDaysLeft(row, realWorld.now()) ?? ''),
              day(row.last_good_at),
            ]),
          }),
        )
      })
    })

  connections
    .command('show')
    .argument('<connection>')
    .description('one connection with its consents, and the receipt if it was purged')
    .option('--json', 'as JSON, which it is anyway')
    .action(async (id: string) => {
      await withTools(cli, async ({ state }) => {
        const connection = known(state, id)
        const receipt = receiptOf(state, id)
        const all = {
          ...shown(connection),
          consents: consentsOf(state, id),
          ...(receipt && { receipt }),
        }
        print(JSON.stringify(all, null, 2))
      })
    })

  connections
    .command('revoke')
    .argument('<connection>')
    .description('end it at the provider and here; its data stays')
    .option('--json', 'the outcome as JSON')
    .action(async (id: string, flags) => {
      await withTools(cli, async (tools, talk) => {
        const { confirmed, reason } = await end(known(tools.state, id), tools)
        if (flags.json) print(JSON.stringify({ connection: id, confirmed, reason }))
        if (confirmed) talk.say('The provider has ended the grant.')
        else {
          talk.say(
            `Ended here, but not confirmed by the provider: ${reason}. Run the same command again later.`,
          )
          cli.exit = exitCodes.partly
        }
        talk.say(`Its data is still there; erase it with: fdx connections purge ${id}`)
      })
    })

  connections
    .command('purge')
    .argument('<connection>')
    .description('end it and erase everything of it, down to the bytes; prints a receipt')
    .option('--yes', 'do not ask: this cannot be undone')
    .option('--json', 'the receipt as JSON')
    .action(async (id: string, flags) => {
      if (!flags.yes)
        throw new FdxError(
          'USAGE',
          `this erases everything of ${id} for good; say so with: fdx connections purge ${id} --yes`,
        )
      await withTools(cli, async (tools, talk) => {
        const connection = known(tools.state, id)
        talk.progress('erasing')
        const receipt = await purge(connection, {
          ...tools,
          world: realWorld,
          signal: cli.signal,
          providerOf: (name) => providerOrNone(name, tools, talk),
          onRevocation: ({ confirmed, reason }) => {
            if (!confirmed)
              talk.say(`Not confirmed by the provider: ${reason}. Erasing all the same.`)
          },
          onWait: () => talk.say('another fdx process is at work; waiting for it to end'),
        })
        print(flags.json ? JSON.stringify(receipt) : receiptText(receipt))
      })
    })

  connections
    .command('merge')
    .argument('<from>', 'ends')
    .argument('<into>', 'stays')
    .option('--json', 'both as JSON')
    .description('join two connections that are one person’s same link; one way, no way back')
    .action(async (fromId: string, intoId: string, flags) => {
      await withTools(cli, async (tools, talk) => {
        const from = known(tools.state, fromId)
        const into = known(tools.state, intoId)
        talk.progress('merging')
        await merge(from, into, {
          ...tools,
          world: realWorld,
          signal: cli.signal,
          onWait: () => talk.say('another fdx process is loading; waiting for it'),
          publish: publishOptions(tools.settings),
        })
        print(flags.json ? JSON.stringify({ from: fromId, into: intoId }) : intoId)
        talk.say(`${fromId} is part of ${intoId} now.`)
      })
    })

  connections
    .command('audit')
    .description('prove that no entry of the audit log was changed or removed')
    .option('--json', 'as JSON')
    .action(async (flags) => {
      await withTools(cli, async ({ state }) => {
        const broken = brokenAudit(state)
        if (broken !== undefined)
          throw new FdxError(
            'CHECK_FAILED',
            `the audit log is broken at entry ${broken}: it was changed or cut`,
          )
        print(flags.json ? JSON.stringify({ whole: true }) : 'The audit log is whole.')
      })
    })
}

async function withTools(
  cli: Cli,
  work: (tools: Tools, talk: Talk) => Promise<void>,
): Promise<void> {
  using talk = openTalk('lines')
  using tools = await openTools(settingsOf(cli.env), talk.say)
  await work(tools, talk)
}

function known(state: State, id: string): Connection {
  const connection = getConnection(state, id)
  if (connection === undefined)
    throw new FdxError('CONNECTION_UNKNOWN', `no connection ${id}; see: fdx connections list`)
  return connection
}

const end = (connection: Connection, tools: Tools) =>
  endConnection(
    {
      provider: readProvider(tools.settings.pipelinesDir, connection.provider, tools.settings.env),
      vault: tools.vault,
      state: tools.state,
      world: realWorld,
      locks: tools.paths.locks,
    },
    connection,
  )

/** An erasure does not wait for a provider file to be mended. */
function providerOrNone(name: string, { settings }: Tools, talk: Talk): Provider | undefined {
  try {
    return readProvider(settings.pipelinesDir, name, settings.env)
  } catch (error) {
    if (!(error instanceof FdxError)) throw error
    talk.say(`The provider is not asked to end the grant: ${error.message}`)
    return undefined
  }
}

/** Without the subject: it names a person. */
const shown = ({ subject: _, ...rest }: Connection) => ({
  ...rest,
  consent_days_left: consentDaysLeft(rest, realWorld.now()) ?? null,
})

const day = (instant: string | null) => instant?.slice(0, 10) ?? ''

function receiptText({ connection, provider, asked_at, done_at, erased, hash }: Receipt): string {
  const { rows, ...counts } = erased
  const lines = [...Object.entries(counts), ...Object.entries(rows)]
    .filter(([, count]) => count > 0)
    .map(([what, count]) => [what, String(count)])
  const table = asTable({
    columns: [
      { name: 'erased', ...text },
      { name: 'count', type: 'BIGINT' },
    ],
    rows: lines,
  })
  return `Receipt: everything of connection ${connection} at ${provider} was erased.
Asked ${asked_at}, done ${done_at}.
${table}SHA-256 ${hash}
Exports count whole: those of other people in them are erased too, export again. Backups and files that you wrote or copied yourself are not covered.
`
}
