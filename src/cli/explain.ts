import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { dataPaths, readableDataDir } from '../config/settings.ts'
import { type Explanation, explainRows } from '../serve/explain/explain.ts'
import { openCurrent } from '../serve/generation.ts'
import { addAudit } from '../state/audit.ts'
import { openState } from '../state/state.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, openTalk, print } from './terminal.ts'
import { settingsOf } from './tools.ts'

export function addExplain(program: Command, cli: Cli): void {
  program
    .command('explain')
    .argument('<table>', 'such as mart.transactions or fdx.deposit_accounts')
    .argument('<key>', 'ACCOUNT, or ACCOUNT/TRANSACTION; the table’s key, joined by /')
    .description('where a row comes from: its page, request and segment, and the record as it came')
    .option('--connection <id>', 'of this connection alone, where several have the key')
    .option('--raw', 'the record unmasked; noted in the audit log')
    .option('--json', 'as one JSON array')
    .action(async (table: string, key: string, flags) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(readableDataDir(settings))
      using talk = openTalk('lines')
      if (paths.root !== settings.dataDir) talk.say(`This is the demo’s data, in ${paths.root}.`)
      using generation = await openCurrent(paths)
      const asked = { table, key, raw: flags.raw === true }
      const found = await explainRows(paths, generation, {
        ...asked,
        ...(flags.connection === undefined ? {} : { connection: String(flags.connection) }),
      })
      if (asked.raw && existsSync(paths.stateFile)) {
        using state = openState(paths.stateFile)
        const at = new Date(realWorld.now()).toISOString()
        state.transaction(() => {
          for (const { connectionId, page } of found)
            addAudit(state, 'raw_shown', at, connectionId, { table, page: page['page_id'] ?? '' })
        })
      }
      print(flags.json ? JSON.stringify(found.map(asJson)) : found.map(asText).join('\n'))
      if (!asked.raw)
        talk.say('Masked; --raw shows the record as it came, and notes that it was shown.')
    })
}

/** The record is JSON already: as a value where it is one, so that `jq` reads it. */
const asJson = ({ records, ...rest }: Explanation) => ({
  ...rest,
  records: records.map(jsonOrText),
})

function jsonOrText(record: string): unknown {
  try {
    return JSON.parse(record, (_name, value, context?: { source?: string }) =>
      typeof value === 'number' ? (context?.source ?? value) : value,
    )
  } catch {
    return record
  }
}

function asText({ table, connectionId, firstSeenAt, lastSeenAt, page, records }: Explanation) {
  const facts = {
    table,
    connection: connectionId,
    'first seen': firstSeenAt,
    'last seen': lastSeenAt,
    page: page['page_id'] ?? 'not in ops.pages',
    segment: page['segment'],
    entity: page['entity'],
    run: page['run_id'],
    reading: page['pull_id'],
    window: page['window_start'] ? `${page['window_start']} to ${page['window_end']}` : null,
    place: page['sequence']
      ? `page ${page['sequence']}${page['last'] === 'true' ? ', the last' : ''}`
      : null,
    status: page['status'],
    'interaction id': page['interaction_id'],
    requested: page['requested_at'],
    fetched: page['fetched_at'],
    sha256: page['sha256'],
  }
  const text = { type: 'VARCHAR' }
  const lines = asTable({
    columns: [
      { name: 'what', ...text },
      { name: 'is', ...text },
    ],
    rows: Object.entries(facts).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  }).replace(/\(\d+ rows?\)\n$/, '')
  const shown =
    records.length > 0
      ? records.join('\n')
      : 'Its segment is gone, or does not have the page any more.'
  return `${lines}\n${shown}\n`
}
