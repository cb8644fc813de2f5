import { Command, CommanderError } from 'commander'
import { addCheck } from './cli/check.ts'
import { addConnect } from './cli/connect.ts'
import { addConnections } from './cli/connections.ts'
import { addDemo } from './cli/demo.ts'
import { addDoctor } from './cli/doctor.ts'
import { addExplain } from './cli/explain.ts'
import { addExport } from './cli/export.ts'
import { addQuery } from './cli/query.ts'
import { addReplay } from './cli/replay.ts'
import { addRun } from './cli/run.ts'
import { addSandbox } from './cli/sandbox.ts'
import { addSchedule } from './cli/schedule.ts'
import { addServe } from './cli/serve.ts'
import { addSql } from './cli/sql.ts'
import { addStatus } from './cli/status.ts'
import { type Cli, exitCodes } from './cli/terminal.ts'
import { addVault } from './cli/vault.ts'
import { version } from './cli/version.ts'
import { cutOff } from './cut-off.ts'
import { FdxError, safeError } from './errors.ts'

/** In the order in which people meet them. */
const commands = [
  addDemo,
  addSandbox,
  addConnect,
  addConnections,
  addRun,
  addSchedule,
  addServe,
  addQuery,
  addExport,
  addSql,
  addStatus,
  addDoctor,
  addCheck,
  addExplain,
  addReplay,
  addVault,
]

/** Failures that are the caller's to mend before anything can run. */
const usageCodes = new Set(['CONFIG_INVALID', 'SECRET_MISSING', 'USAGE', 'VAULT_KEY'])

// Whatever DuckDB, SQLite and we create is for this user alone.
process.umask(0o077)

const stop = new AbortController()
/** A service manager signals every process of a service, and src/fdx.js passes its signal on: that is one signal. */
const sameSignalMs = 500
let stoppedAt = 0
const onSignal = () => {
  if (stop.signal.aborted) {
    if (performance.now() - stoppedAt > sameSignalMs) cutOff() // the second one: at once
    return
  }
  stoppedAt = performance.now()
  stop.abort(new FdxError('STOPPED', 'stopped; run the same command again to go on'))
}
process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    // The default print shows causes, and an OAuth error's cause holds tokens.
    process.stderr.write(`fdx: a fault of its own: ${safeError(error)}\n${ownStack(error)}`)
    process.exit(exitCodes.failed)
  })

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const cli: Cli = { signal: stop.signal, env: process.env, exit: exitCodes.done }
  const program = new Command('fdx')
    .description('Bank data from FDX APIs and Flinks, as exact, typed tables in DuckDB.')
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError()
    .showHelpAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `
Folders: FDX_DATA_DIR (data), FDX_PIPELINES_DIR (pipelines). Vault key: FDX_VAULT_KEY_FILE.
Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 partly (some connections failed, the rest is loaded).
First steps: fdx demo, then: fdx query "from mart.accounts"`,
    )
  for (const add of commands) add(program, cli)
  try {
    await program.parseAsync(args, { from: 'user' })
    return cli.exit
  } catch (error) {
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    return complain(error, args.includes('--json'))
  }
}

function complain(error: unknown, json: boolean): number {
  const known = error instanceof FdxError
  const text = known ? error.message : `a fault of its own: ${safeError(error)}`
  process.stderr.write(`fdx: ${text}\n${known ? '' : ownStack(error)}`)
  if (json) {
    const fault = known
      ? { code: error.code, message: error.message, facts: error.facts }
      : { code: 'FAULT', message: text, facts: {} }
    process.stdout.write(`${JSON.stringify({ error: fault })}\n`)
  }
  return known && usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failed
}

/** Where a bug is: the lines of our own files, without the message, which may quote data. */
function ownStack(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : []
  return lines
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => `${line}\n`)
    .join('')
}
