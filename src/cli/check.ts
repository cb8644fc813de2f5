import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { dataPaths, readableDataDir } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { type Answer, type Generation, openCurrent } from '../serve/generation.ts'
import { asTable, objectsOf } from './format.ts'
import { type Cli, exitCodes, openTalk, print } from './terminal.ts'
import { settingsOf } from './tools.ts'

const sql = join(import.meta.dirname, '../../sql')
const reports = ['rejects', 'drift'] as const

export function addCheck(program: Command, cli: Cli): void {
  program
    .command('check')
    .description(
      'what is wrong with the tables: checks that fail, with rows; what could not be typed, and what nobody knows',
    )
    .option('--rows <n>', 'rows shown of each failing check', number, 5)
    .option('--limit <n>', 'lines shown of rejects and of drift', number, 20)
    .option('--json', 'everything as one JSON object')
    .addHelpText(
      'after',
      '\nExit code 1 when a check fails. Rejects and drift are for you to judge.',
    )
    .action(async (flags: { rows: number; limit: number; json?: boolean }) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(readableDataDir(settings))
      using talk = openTalk('lines')
      if (paths.root !== settings.dataDir) talk.say(`This is the demo’s data, in ${paths.root}.`)
      using generation = await openCurrent(paths)
      const checks = await generation.query(report('checks'))
      const failing = await failingChecks(generation, checks, flags.rows)
      const found = {
        rejects: await generation.query(report('rejects')),
        drift: await generation.query(report('drift')),
      }
      print(
        flags.json
          ? JSON.stringify({
              checks: objectsOf(checks),
              failing: failing.map(({ name, rows }) => ({ name, rows: objectsOf(rows) })),
              rejects: objectsOf(found.rejects),
              drift: objectsOf(found.drift),
            })
          : text(checks, failing, found, flags.limit),
      )
      if (failing.length > 0) cli.exit = exitCodes.failed
    })
}

interface Failing {
  readonly name: string
  readonly rows: Answer
}

function number(given: string): number {
  if (!/^\d{1,5}$/.test(given)) throw new FdxError('USAGE', 'give a number, up to 99999')
  return Number(given)
}

const report = (name: string) => readFileSync(join(sql, 'reports', `${name}.sql`), 'utf8')

async function failingChecks(
  generation: Generation,
  checks: Answer,
  limit: number,
): Promise<Failing[]> {
  const failing: Failing[] = []
  for (const [name, failed] of checks.rows) {
    if (name === null || name === undefined || Number(failed) === 0) continue
    const query = readFileSync(join(sql, 'checks', `${name}.sql`), 'utf8')
      .trim()
      .replace(/;$/, '')
    failing.push({
      name,
      rows: await generation.query(`select * from (\n${query}\n) limit ${limit}`),
    })
  }
  return failing
}

function text(
  checks: Answer,
  failing: readonly Failing[],
  found: Readonly<Record<(typeof reports)[number], Answer>>,
  limit: number,
): string {
  const parts = [
    `${checks.rows.length - failing.length} of ${checks.rows.length} checks hold.`,
    ...failing.map(
      ({ name, rows }) => `Failing: ${name} (sql/checks/${name}.sql)\n${asTable(rows)}`,
    ),
  ]
  for (const name of reports) {
    const { columns, rows } = found[name]
    const title = { rejects: 'Could not be typed', drift: 'Nobody knows' }[name]
    if (rows.length === 0) parts.push(`${title}: nothing.`)
    else {
      const more =
        rows.length > limit ? `…and ${rows.length - limit} more; --limit shows them\n` : ''
      parts.push(
        `${title} (ops.${name})\n${asTable({ columns, rows: rows.slice(0, limit) })}${more}`,
      )
    }
  }
  return parts.join('\n\n')
}
