import type { Connection } from '../../state/connections.ts'
import { consentDaysLeft } from '../../state/consents.ts'
import type { RunConnection } from '../../state/runs.ts'
import type { Tone } from './words.ts'

/** One thing a person can do about a connection. */
export interface NextStep {
  readonly tone: Tone
  readonly text: string
  /** What the console can do itself. */
  readonly action?: 'connect' | 'relaunch'
  /** What is done in a terminal. */
  readonly command?: string
}

/** FDX suggests to warn 30 days before a consent ends. */
const warnDays = 30

/** What to do next about a connection; undefined when there is nothing to do. */
export function nextStep(
  connection: Connection,
  last: RunConnection | undefined,
  now: number,
): NextStep | undefined {
  switch (connection.state) {
    case 'reauth':
      return {
        tone: 'bad',
        text: sentence(connection.reason || 'the person must connect again'),
        action: 'connect',
      }
    case 'needs_mfa':
      return {
        tone: 'warn',
        text: 'The bank asks the person a question before it shows anything.',
        action: 'relaunch',
      }
    case 'purging':
      return {
        tone: 'warn',
        text: 'Its data is being erased. If that was cut off, the next run goes on with it, or:',
        command: `fdx connections purge ${connection.id} --yes`,
      }
    case 'revoked':
      return {
        tone: 'quiet',
        text: 'It was ended on purpose; what was read before is kept. To erase that too:',
        command: `fdx connections purge ${connection.id} --yes`,
      }
    case 'purged':
      return undefined
    case 'active':
      return activeStep(connection, last, now)
  }
}

function activeStep(
  connection: Connection,
  last: RunConnection | undefined,
  now: number,
): NextStep | undefined {
  if (last === undefined)
    return {
      tone: 'warn',
      text: 'Nothing has been read yet: the next run reads it.',
    }
  if (last.status === 'failed' || last.status === 'partial')
    return {
      tone: last.status === 'failed' ? 'bad' : 'warn',
      text: sentence(last.message || last.code),
    }
  const days = consentDaysLeft(connection, now)
  if (days === undefined || days > warnDays) return undefined
  return {
    tone: days <= 7 ? 'bad' : 'warn',
    text: `The consent ends in ${days} ${days === 1 ? 'day' : 'days'}: ask the person to give it again.`,
    action: 'connect',
  }
}

/** Our messages begin small and end open, to stand behind a name. */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
