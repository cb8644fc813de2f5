import { type Logger, pino } from 'pino'
import { FdxError } from '../errors.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

/** Should a header with a secret get into a line all the same, it does not get out. */
const redact = {
  paths: ['authorization', 'cookie', 'x-api-key', 'flinks-auth-key'].flatMap((name) => [
    `headers["${name}"]`,
    `req.headers["${name}"]`,
    `["${name}"]`,
  ]),
  censor: '[secret]',
}

/**
 * The log of a long-running process, on stderr: JSON lines, one an event, with `time` in ISO 8601, `level` and `msg`;
 * on a terminal the same as plain lines.
 * @throws FdxError `USAGE` for an unknown level.
 */
export function openLog(level: string): Logger {
  if (!levels.some((one) => one === level))
    throw new FdxError('USAGE', `--log-level: expected ${levels.join(', ')}`)
  const options = {
    base: null,
    level,
    redact,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const lines = pino.destination({ fd: 2, sync: true })
  return pino(options, process.stderr.isTTY ? { write: (line) => lines.write(plain(line)) } : lines)
}

/** `23:04:05 warn  connection ended  pipeline=nightly status=reauth`. */
function plain(line: string): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>
  const facts = Object.entries(rest).map(([name, value]) => {
    if (Array.isArray(value) && value.every((one) => /^[\w-]+$/.test(String(one))))
      return `${name}=${value.join(',')}`
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `${name}=${typeof value === 'string' && /[\s"]/.test(text) ? JSON.stringify(text) : text}`
  })
  const at = String(time).slice(11, 19)
  // Control characters of whatever was logged must not reach a terminal.
  const text = [`${at} ${String(level).padEnd(5)} ${msg ?? ''}`, ...facts].join('  ')
  return `${text.replaceAll(/\p{Cc}/gu, ' ')}\n`
}
