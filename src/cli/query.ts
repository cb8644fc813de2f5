import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { type DataPaths, dataPaths, readableDataDir } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { openCurrent } from '../serve/generation.ts'
import { writeParquet } from '../serve/query-file.ts'
import { analyses, analysisText } from './analyses.ts'
import { asTable, type Format, formatStream } from './format.ts'
import { type Cli, openTalk, print, printAll } from './terminal.ts'
import { settingsOf } from './tools.ts'

export function addQuery(program: Command, cli: Cli): void {
  program
    .command('query')
    .argument('<sql>', 'DuckDB SQL, or @name for an analysis of sql/analyses; @ lists them')
    .description('ask the tables: SQL over the last published load, read-only')
    .option('--json', 'as an array of objects (decimals as strings, every digit kept)')
    .option('--csv', 'as CSV, safe to open in a spreadsheet')
    .option('--parquet <file>', 'into a Parquet file')
    .option('--masked', 'ask the analyst’s file: no full numbers, names, addresses or contacts')
    .addHelpText(
      'after',
      `
A single SELECT, which can reach no file or network, and change no setting. Works beside fdx serve and without it. Results of any
size are written as they are made; Ctrl-C stops.`,
    )
    .action(async (given: string, flags) => {
      if (given === '@') return print(list())
      const formats = [flags.json && 'json', flags.csv && 'csv', flags.parquet && 'parquet']
      if (formats.filter(Boolean).length > 1)
        throw new FdxError('USAGE', 'one of --json, --csv and --parquet')
      const settings = settingsOf(cli.env)
      const paths = dataPaths(readableDataDir(settings))
      using talk = openTalk('lines')
      if (paths.root !== settings.dataDir) talk.say(`This is the demo’s data, in ${paths.root}.`)
      const sql = given.startsWith('@') ? analysisText(given.slice(1)) : given
      const role = flags.masked ? 'analyst' : 'owner'
      using spill = spillFolder(paths)
      if (flags.parquet !== undefined) {
        const file = resolve(String(flags.parquet))
        const rows = await writeParquet(paths, sql, {
          file,
          role,
          spill: spill.path,
          signal: cli.signal,
        })
        talk.say(`${rows} ${rows === 1 ? 'row' : 'rows'} in ${file}`)
        return
      }
      using generation = await openCurrent(paths, { role, spill: spill.path })
      const format: Format = flags.json ? 'json' : flags.csv ? 'csv' : 'table'
      await printAll(formatStream[format](await generation.stream(sql, cli.signal)))
    })
}

/** A folder of this process, made by DuckDB when it needs it, and gone with it. */
function spillFolder(paths: DataPaths): Disposable & { readonly path: string } {
  const path = join(paths.spill, String(process.pid))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const list = () =>
  asTable({
    columns: ['analysis', 'what it answers'].map((name) => ({ name, type: 'VARCHAR' })),
    rows: analyses().map(({ name, about }) => [`@${name}`, about]),
  })
