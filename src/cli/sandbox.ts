import type { Command } from 'commander'
import { FdxError } from '../errors.ts'
import { isCode } from '../state/durable-file.ts'
import { type Cli, openTalk, print } from './terminal.ts'

const number = (name: string, text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new FdxError('USAGE', `${name}: expected a whole number`)
  return Number(text)
}

export function addSandbox(program: Command, cli: Cli): void {
  program
    .command('sandbox')
    .description('run an FDX and Flinks provider in a box, on this machine only')
    .option('--port <n>', 'port; 0 takes a free one', '4010')
    .option('--connections <n>', 'people at each provider')
    .option('--accounts <n>', 'accounts of each person')
    .option('--transactions <n>', 'transactions of each account')
    .option('--seed <text>', 'the same seed gives the same data')
    .option('--today <date>', 'the day that all data ends on (YYYY-MM-DD)')
    .option('--json', 'print the address as JSON')
    .action(async (flags) => {
      if (flags.today !== undefined && !/^\d{4}-\d\d-\d\d$/.test(flags.today))
        throw new FdxError('USAGE', '--today: expected YYYY-MM-DD')
      // Only this command and the demo need it, and every command would pay for its import.
      const { startSandbox } = await import('../sandbox/sandbox.ts')
      const sizes = ['connections', 'accounts', 'transactions'] as const
      const port = number('--port', flags.port)
      await using sandbox = await startSandbox({
        port,
        ...(flags.seed !== undefined && { seed: flags.seed }),
        ...(flags.today !== undefined && { today: flags.today }),
        ...Object.fromEntries(
          sizes
            .filter((size) => flags[size] !== undefined)
            .map((size) => [size, number(`--${size}`, flags[size])]),
        ),
      }).catch((error: unknown) => {
        if (!isCode(error, 'EADDRINUSE')) throw error
        throw new FdxError(
          'CONFIG_INVALID',
          `port ${port} is in use, by another sandbox perhaps; --port 0 takes a free one`,
        )
      })
      using talk = openTalk('lines')
      if (flags.json) print(JSON.stringify({ url: sandbox.url }))
      else print(sandbox.url)
      talk.say(`The sandbox is at ${sandbox.url} (open it in a browser). Ctrl-C ends it.`)
      talk.say(`Connect somebody:  FDX_SANDBOX_URL=${sandbox.url} npx fdx connect sandbox-outbound`)
      await new Promise((stopped) => cli.signal.addEventListener('abort', stopped))
    })
}
