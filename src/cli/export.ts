import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { dataPaths, readableDataDir } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { exportTables } from '../serve/export.ts'
import { holdLock } from '../state/lock.ts'
import { openState } from '../state/state.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, openTalk, print } from './terminal.ts'
import { settingsOf } from './tools.ts'

export function addExport(program: Command, cli: Cli): void {
  program
    .command('export')
    .argument('[tables...]', 'such as accounts or fdx.holdings; all marts when none is named')
    .description(
      'write tables of the last published load as files: Parquet, or CSV for spreadsheets',
    )
    .option('--to <folder>', 'where exports go; default: exports in the data folder')
    .addOption(new Option('--format <format>').choices(['parquet', 'csv']).default('parquet'))
    .option(
      '--since <when>',
      'only rows loaded after an instant (2026-11-01T00:00Z), or that the last export of the same tables had not (last)',
    )
    .option('--unmasked', 'with full account numbers, names, addresses and contacts')
    .option('--keep <count>', 'exports that stay in the folder', '2')
    .option('--json', 'the manifest, as JSON')
    .addHelpText(
      'after',
      `
Each export is a folder of its own with a manifest.json (tables, files, rows, SHA-256, generation); “current” points
at the newest, so read FOLDER/current/mart.transactions/**/*.parquet. Marts that are worked out from many rows
(balances_daily, net_worth_daily, cash_flow_monthly, loan_schedule) are always whole, also with --since; rows that
are gone are seen in whole exports only. Masked unless you say --unmasked. fdx connections purge erases exports.`,
    )
    .action(async (tables: string[], flags) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(readableDataDir(settings))
      using talk = openTalk('lines')
      if (paths.root !== settings.dataDir) talk.say(`This is the demo’s data, in ${paths.root}.`)
      const to = resolve(flags.to ?? join(paths.root, 'exports'))
      using state = openState(paths.stateFile)
      using _alone = await holdLock(join(paths.locks, 'export.lock'), {
        waitMs: 600_000,
        signal: cli.signal,
        onWait: () => talk.say('Waiting for another export to end.'),
      })
      const { folder, manifest } = await exportTables(paths, state, {
        to,
        format: flags.format,
        tables,
        role: flags.unmasked ? 'owner' : 'analyst',
        since: sinceOf(flags.since),
        keep: countOf(flags.keep),
        now: realWorld.now(),
        signal: cli.signal,
        onTable: (name) => talk.progress(`Writing ${name}`),
      })
      if (flags.json) return print(JSON.stringify({ folder, ...manifest }, null, 2))
      const rows = manifest.tables.map(({ name, rows, files, whole }) => [
        name,
        String(rows),
        String(files.length),
        String(files.reduce((sum, { bytes }) => sum + bytes, 0)),
        whole ? '' : 'only what changed',
      ])
      const columns = ['table', 'rows', 'files', 'bytes', ''].map((name, at) => ({
        name,
        type: at > 0 && at < 4 ? 'BIGINT' : 'VARCHAR',
      }))
      print(asTable({ columns, rows }))
      talk.say(
        `Generation ${manifest.generation}, ${flags.unmasked ? 'unmasked: keep it safe' : 'masked'}, in ${folder}`,
      )
    })
}

function countOf(text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new FdxError('USAGE', '--keep takes a number from 1')
}

/** The instant after which rows count as changed, or `last`. */
function sinceOf(given: string | undefined): string | undefined {
  if (given === undefined || given === 'last') return given
  const instant = Date.parse(given)
  if (!Number.isNaN(instant)) return new Date(instant).toISOString()
  throw new FdxError('USAGE', '--since takes an instant such as 2026-11-01T00:00Z, or last')
}
