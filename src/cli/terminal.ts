import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import ora from 'ora'
import { openLog } from './log.ts'
import { nowAndThen, tellEveryMs } from './progress.ts'

/** What every command gets, and the exit code that it leaves. */
export interface Cli {
  readonly signal: AbortSignal
  readonly env: NodeJS.ProcessEnv
  exit: number
}

/** `partly`: some connections failed; the rest is loaded. */
export const exitCodes = { done: 0, failed: 1, usage: 2, partly: 3 } as const

/** Results only: what a pipe reads. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Results of any size, as fast as whoever reads them takes them; a reader that has had enough ends it. */
export async function printAll(pieces: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(pieces), process.stdout, { end: false })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
  }
}

/** What is said to people while a command works, and to machines where no person looks. Never results. */
export interface Talk extends Disposable {
  /** One line that stays. */
  say(text: string): void
  /** What is going on now; on a terminal it replaces the line before, elsewhere it is told now and then. */
  progress(text: string): void
  /** A typed event for machines; `fields` must be safe to log. */
  event(name: string, fields: Readonly<Record<string, string | number | boolean>>): void
}

/**
 * On a terminal: lines and one moving line of progress. Elsewhere: JSON lines (`logs`), or plain lines for
 * commands that people read through a pipe. All on stderr.
 */
export function openTalk(style: 'logs' | 'lines'): Talk {
  if (process.stderr.isTTY) {
    const spinner = ora({ stream: process.stderr, discardStdin: false })
    return {
      say: (text) => {
        const moving = spinner.isSpinning
        spinner.stop()
        process.stderr.write(`${text}\n`)
        if (moving) spinner.start()
      },
      progress: (text) => {
        spinner.text = text
        if (!spinner.isSpinning) spinner.start()
      },
      event: () => {},
      [Symbol.dispose]: () => void spinner.stop(),
    }
  }
  if (style === 'lines') {
    const say = (text: string) => void process.stderr.write(`${text}\n`)
    return {
      say,
      progress: nowAndThen(tellEveryMs, say),
      event: () => {},
      [Symbol.dispose]: () => {},
    }
  }
  const log = openLog('info')
  return {
    say: (text) => log.info(text),
    progress: nowAndThen(tellEveryMs, (text) => log.info(text)),
    event: (name, fields) => log.info(fields, name),
    [Symbol.dispose]: () => {},
  }
}
