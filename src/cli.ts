import { CommanderError } from 'commander'
import { newProgram } from './cli/program.ts'
import { type Cli, exitCodes } from './cli/terminal.ts'
import { cutOff } from './cut-off.ts'
import { FdxError, safeError } from './errors.ts'
import { isCode } from './state/durable-file.ts'

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

// Whoever reads our output may have seen enough (`fdx query … | head`): what is under way ends as it would.
process.stdout.on('error', (error) => {
  if (!isCode(error, 'EPIPE')) throw error
})
process.stderr.on('error', () => {})

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const cli: Cli = { signal: stop.signal, env: process.env, exit: exitCodes.done }
  try {
    await newProgram(cli).parseAsync(args, { from: 'user' })
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
