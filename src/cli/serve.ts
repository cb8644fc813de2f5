import { randomBytes } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readServe } from '../config/read.ts'
import { type PartName, partNames } from '../config/serve-http.ts'
import type { Settings } from '../config/settings.ts'
import { cutOffAfter } from '../cut-off.ts'
import { FdxError } from '../errors.ts'
import { realWorld } from '../world.ts'
import { openLog } from './log.ts'
import { type Cli, print } from './terminal.ts'
import { openTools, settingsOf } from './tools.ts'
import { version } from './version.ts'

/** After a signal everything has ended by then, or is cut off: nothing is lost that way either. Milliseconds. */
const longestStopMs = 25_000

export function addServe(program: Command, cli: Cli): void {
  program
    .command('serve')
    .description(
      'runs everything for good: schedule, loads, SQL endpoint, console, webhooks, metrics',
    )
    .option('--only <parts>', `of ${partNames.join(', ')}; commas between them`)
    .option('--without <parts>', 'all but these')
    .option('--host <address>', 'where HTTP listens; default: serve.yaml’s, else 127.0.0.1')
    .option(
      '--port <n>',
      'port of console, callback, webhooks, metrics and health; 0 takes a free one',
    )
    .option('--sql-port <n>', 'port of the SQL endpoint; 0 takes a free one')
    .option('--log-level <level>', 'debug, info, warn or error', 'info')
    .option('--json', 'print where everything listens as one JSON object')
    .action(async (flags) => {
      const settings = settingsOf(cli.env)
      const log = openLog(flags.logLevel)
      const read = readServe(settings.pipelinesDir, settings.env)
      const serve = {
        ...read,
        parts: partsOf(read.parts, flags),
        http: {
          ...read.http,
          ...(flags.host !== undefined && { host: String(flags.host) }),
          ...(flags.port !== undefined && { port: portOf('--port', flags.port) }),
        },
        sql: {
          ...read.sql,
          ...(flags.sqlPort !== undefined && { port: portOf('--sql-port', flags.sqlPort) }),
        },
      }
      using tools = await openTools(settings, (text) => log.warn(text))
      cli.signal.addEventListener('abort', () => {
        log.info('stopping: what is under way ends first; a second signal stops at once')
      })
      cutOffAfter(cli.signal, longestStopMs, () =>
        log.error('still not done; cut off. What was landed or committed is kept'),
      )
      const token = signInToken(settings.env)
      // Fastify and DuckDB: other commands should not pay for their import.
      const { openServe } = await import('../serve/supervise.ts')
      await using served = await openServe({
        ...{ settings, serve, log, version },
        ...{ paths: tools.paths, state: tools.state, vault: tools.vault },
        world: realWorld,
        signal: cli.signal,
        signInToken: token,
      })
      const { http, sql } = served
      const where = {
        url: http.publicUrl,
        parts: serve.parts,
        ...(sql && { sql }),
        pid: process.pid,
      }
      if (flags.json) print(JSON.stringify(where))
      log.info(where, 'serving')
      if (serve.parts.includes('console')) {
        const tokenFile = tellToken(token, http.publicUrl, tools.paths.root)
        if (tokenFile !== undefined)
          log.info({ tokenFile }, 'the console’s sign-in token is in that file')
      }
      if (!cli.signal.aborted)
        await new Promise((stopped) => cli.signal.addEventListener('abort', stopped))
    })
}

function partsOf(
  configured: readonly PartName[],
  flags: { readonly only?: string; readonly without?: string },
): PartName[] {
  const named = (flag: string, text: string | undefined): PartName[] =>
    (text ?? '')
      .split(',')
      .filter(Boolean)
      .map((word) => {
        const found = partNames.find((one) => one === word.trim())
        if (found === undefined)
          throw new FdxError(
            'USAGE',
            `${flag}: no part ${JSON.stringify(word)}; there are: ${partNames.join(', ')}`,
          )
        return found
      })
  const only = flags.only === undefined ? configured : named('--only', flags.only)
  const without = named('--without', flags.without)
  return only.filter((part) => !without.includes(part))
}

function portOf(flag: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new FdxError('USAGE', `${flag}: expected a port, 0 to 65535`)
}

/** The token that opens the console: the operator's own, or one of chance that is new at each start. */
function signInToken(env: Settings['env']): string {
  const own = env['FDX_CONSOLE_TOKEN']
  if (own === undefined || own === '') return randomBytes(32).toString('base64url')
  if (own.length < 22)
    throw new FdxError(
      'CONFIG_INVALID',
      'FDX_CONSOLE_TOKEN is too short: at least 22 characters of chance',
    )
  return own
}

/**
 * On a terminal a link that signs in is shown: the token stands behind its #, which is never sent. A log is kept and
 * copied, so elsewhere the token goes into a file.
 * @returns that file, to be named in the log.
 */
function tellToken(token: string, url: string, root: string): string | undefined {
  if (process.stderr.isTTY) {
    const link = new URL('/sign-in', url)
    link.hash = new URLSearchParams({ token }).toString()
    process.stderr.write(`\n  Console: ${link}\n  Sign-in token: ${token}\n\n`)
    return undefined
  }
  const file = join(root, 'console-token')
  rmSync(file, { force: true })
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  return file
}
