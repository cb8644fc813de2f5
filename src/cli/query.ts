import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { dataPaths, readableDataDir } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { openCurrent } from '../serve/generation.ts'
import { type Format, formatResult } from './format.ts'
import { type Cli, openTalk, print } from './terminal.ts'
import { settingsOf } from './tools.ts'

const analyses = join(import.meta.dirname, '../../sql/analyses')

export function addQuery(program: Command, cli: Cli): void {
  program
    .command('query')
    .argument('<sql>', 'DuckDB SQL, or @name for an analysis of sql/analyses; @ lists them')
    .description('ask the tables: SQL over the last published load, read-only')
    .option('--json', 'as an array of objects (decimals as strings, every digit kept)')
    .option('--csv', 'as CSV, safe to open in a spreadsheet')
    .action(async (given: string, flags) => {
      if (flags.json && flags.csv) throw new FdxError('USAGE', '--json or --csv, not both')
      const settings = settingsOf(cli.env)
      const paths = dataPaths(readableDataDir(settings))
      using talk = openTalk('lines')
      if (paths.root !== settings.dataDir) talk.say(`This is the demo’s data, in ${paths.root}.`)
      await using warehouse = await openCurrent(paths)
      const result = await warehouse.query(given.startsWith('@') ? named(given.slice(1)) : given)
      const format: Format = flags.json ? 'json' : flags.csv ? 'csv' : 'table'
      print(formatResult[format](result))
    })
}

function named(name: string): string {
  const known = readdirSync(analyses)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -4))
  if (!known.includes(name))
    throw new FdxError('USAGE', `no analysis @${name}; there are: @${known.join(', @')}`)
  return readFileSync(join(analyses, `${name}.sql`), 'utf8')
}
