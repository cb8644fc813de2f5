import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type DataPaths, dataPaths } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { compareWarehouses, type TableDifference } from '../load/diff.ts'
import type { LoadReport } from '../load/load.ts'
import { forgetRebuilt, rebuiltFile, replay, takePlace } from '../load/replay.ts'
import { type PublishOptions, publish } from '../serve/publish.ts'
import { holdLock } from '../state/lock.ts'
import { openState } from '../state/state.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, exitCodes, openTalk, print, type Talk } from './terminal.ts'
import { publishOptions, settingsOf } from './tools.ts'

export function addReplay(program: Command, cli: Cli): void {
  program
    .command('replay')
    .description(
      'rebuild every table from the landed pages, without asking a bank; mends a warehouse that does not open',
    )
    .option('--into <file>', 'build a new file, and leave the warehouse alone')
    .option('--diff', 'tell what is different from the warehouse as it is; exit 1 when anything is')
    .option('--samples <n>', 'rows of each table that --diff tells of', whole, 3)
    .option('--since <day>', 'with --into: only what was landed on this day (YYYY-MM-DD) or later')
    .option('--json', 'the report as one JSON object')
    .addHelpText(
      'after',
      `
The old warehouse stays until the new one is whole; readers see the change when it is published.
A warehouse that does not open is kept beside the new one, as warehouse.duckdb.damaged-TIME.`,
    )
    .action(async (flags: Flags) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(settings.dataDir)
      refuseImpossible(flags, paths)
      const publishing = publishOptions(settings)
      using talk = openTalk('lines')
      using state = openState(paths.stateFile)
      using _lock = await holdLock(`${paths.locks}/loader.lock`, {
        waitMs: 3_600_000,
        signal: cli.signal,
        onWait: () => talk.say('another fdx process is loading; waiting for it'),
      })
      forgetRebuilt(paths)
      const into = flags.into === undefined ? rebuiltFile(paths) : resolve(flags.into)
      const report = await replay({
        paths,
        state,
        into,
        now: realWorld.now,
        signal: cli.signal,
        onProgress: ({ segments, of, pages }) =>
          talk.progress(`replaying: ${segments} of ${of} segments, ${pages} pages`),
        ...(flags.since === undefined ? {} : { since: flags.since }),
      })
      const differences = flags.diff ? await compare(paths, into, flags.samples, talk) : undefined
      const setAside = flags.into === undefined ? await take(paths, publishing, talk) : null
      talk.progress('done')
      print(
        flags.json
          ? JSON.stringify({ ...counts(report), file: flags.into ?? null, setAside, differences })
          : `${reportText(report)}${differences ? `\n${differencesText(differences)}` : ''}`,
      )
      if (differences?.some(isDifferent)) cli.exit = exitCodes.failed
    })
}

interface Flags {
  readonly into?: string
  readonly diff?: boolean
  readonly samples: number
  readonly since?: string
  readonly json?: boolean
}

function whole(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new FdxError('USAGE', '--samples takes a number up to 999')
  return Number(text)
}

function refuseImpossible({ diff, into, since }: Flags, paths: DataPaths): void {
  if (since !== undefined && into === undefined)
    throw new FdxError('USAGE', '--since leaves pages out, so it needs a new file: add --into FILE')
  if (since !== undefined && !/^\d{4}-\d\d-\d\d$/.test(since))
    throw new FdxError('USAGE', '--since takes a day, YYYY-MM-DD')
  if (into !== undefined && existsSync(into))
    throw new FdxError('USAGE', `${into} exists already; name a new file, or remove it first`)
  if (!existsSync(paths.segments))
    throw new FdxError('WAREHOUSE_MISSING', 'no page has been landed yet; run fdx run first')
  if (diff && !existsSync(paths.warehouse))
    throw new FdxError(
      'WAREHOUSE_MISSING',
      'there is no warehouse to compare with; leave --diff out',
    )
}

function compare(paths: DataPaths, into: string, samples: number, talk: Talk) {
  talk.progress('comparing')
  const files = { before: paths.warehouse, after: into }
  return compareWarehouses(files, { scratch: paths.scratch, samples })
}

async function take(paths: DataPaths, options: PublishOptions, talk: Talk): Promise<string | null> {
  const stamp = new Date(realWorld.now()).toISOString().replace(/[-:.]/g, '')
  const setAside = await takePlace(paths, stamp)
  if (setAside !== null)
    talk.say(
      `The warehouse did not open; it is kept as ${setAside}, and a new one is in its place.`,
    )
  await publish(paths, options)
  return setAside
}

const isDifferent = (one: TableDifference) =>
  one.onlyBefore + one.onlyAfter > 0 || one.before === null || one.after === null

const counts = ({ segments, pages, rejects, tables, checks }: LoadReport) => ({
  segments,
  pages,
  rejects,
  tables,
  failedChecks: checks.filter(({ failed }) => failed > 0),
})

function reportText({ segments, pages, rejects, tables }: LoadReport): string {
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0)
  return `Replayed ${pages} pages of ${segments} segments: ${rows} rows in ${Object.values(tables).filter((count) => count > 0).length} tables, ${rejects} rejects.\n`
}

function differencesText(differences: readonly TableDifference[]): string {
  const found = differences.filter(isDifferent)
  if (found.length === 0) return `Nothing is different, in ${differences.length} tables.\n`
  const number = (name: string) => ({ name, type: 'BIGINT' })
  const table = asTable({
    columns: [
      { name: 'table', type: 'VARCHAR' },
      ...['before', 'after', 'only before', 'only after'].map(number),
    ],
    rows: found.map((one) => [
      one.table,
      one.before === null ? null : String(one.before),
      one.after === null ? null : String(one.after),
      String(one.onlyBefore),
      String(one.onlyAfter),
    ]),
  })
  const samples = found.flatMap(({ table: of, samples: rows }) =>
    rows.map(({ key, side, differs }) =>
      side === 'both'
        ? `${of} ${key}: ${differs.join(', ') || 'twice'}`
        : `${of} ${key}: only ${side}`,
    ),
  )
  return `${table}${samples.length > 0 ? `\n${samples.join('\n')}\n` : ''}`
}
