import type { ConnectionState } from '../../state/connections.ts'
import type { Outcome, RunStatus } from '../../state/runs.ts'
import { type Html, html } from './html.ts'

/** How a state looks: a word and a shape say it, the colour only underlines it. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet'

const tones: Readonly<Record<ConnectionState | RunStatus | Outcome, Tone>> = {
  active: 'good',
  ok: 'good',
  running: 'busy',
  partial: 'warn',
  needs_mfa: 'warn',
  stopped: 'warn',
  reauth: 'bad',
  failed: 'bad',
  revoked: 'quiet',
  purging: 'quiet',
  purged: 'quiet',
}

const words: Partial<Readonly<Record<ConnectionState | RunStatus | Outcome, string>>> = {
  reauth: 'connect again',
  needs_mfa: 'bank asks',
  partial: 'partly',
}

/** What a connection's, a run's or a part's state is called here. */
export const stateWord = (state: ConnectionState | RunStatus | Outcome): string =>
  words[state] ?? state

/** A run's message that counts outcomes, `1 needs_mfa, 2 ok`, with their words; any other as it is. */
export const outcomeWords = (message: string): string =>
  /^\d+ [a-z_]+(, \d+ [a-z_]+)*$/.test(message)
    ? message.replace(/[a-z_]+/g, (state) => words[state as keyof typeof words] ?? state)
    : message

const marks: Readonly<Record<Tone, string>> = {
  good: '●',
  busy: '◐',
  warn: '▲',
  bad: '■',
  quiet: '○',
}

export const badge = (state: ConnectionState | RunStatus | Outcome): Html =>
  toned(tones[state], stateWord(state))

export const toned = (tone: Tone, word: string): Html =>
  html`<span class="badge ${tone}"><span aria-hidden="true">${marks[tone]}</span> ${word}</span>`

const grouped = new Intl.NumberFormat('en-CA')
/** 12,345 */
export const count = (value: number | bigint | string): string => grouped.format(BigInt(value))

/** `1 account`, `2 accounts`, `1,200 accounts`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const

/** The largest unit that fits: `3 d`, `4 h`, `12 min`, `5 s`. */
export function span(ms: number): string {
  const [size, unit] = units.find(([one]) => ms >= one) ?? [1_000, 's']
  return `${Math.max(0, Math.floor(ms / size))} ${unit}`
}

/** An instant as a person reads it: how long ago, the instant itself in the title. */
export function ago(instant: string | null, now: number, never = 'never'): Html {
  if (instant === null) return html`<span class="quiet">${never}</span>`
  const ms = now - Date.parse(instant)
  const text = ms < 0 ? `in ${span(-ms)}` : ms < 5_000 ? 'just now' : `${span(ms)} ago`
  return html`<time datetime="${instant}" title="${utc(instant)}">${text}</time>`
}

/** `2026-11-25 22:15:03 UTC` */
export const utc = (instant: string): string => `${instant.slice(0, 19).replace('T', ' ')} UTC`

/** `2026-11-25 22:15` in UTC, with the seconds in the title. */
export const when = (instant: string): Html =>
  html`<time datetime="${instant}" title="${utc(instant)}">${instant.slice(0, 16).replace('T', ' ')}</time>`

/** `12 s`, `3 min 5 s`; of something that goes on: until now. */
export function lasted(from: string, to: string | null, now: number): string {
  const ms = (to === null ? now : Date.parse(to)) - Date.parse(from)
  if (ms < 60_000) return `${(Math.max(0, ms) / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`
  if (value < 1_000_000) return `${(value / 1_000).toFixed(1)} kB`
  return value < 1e9 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e9).toFixed(2)} GB`
}

const numeric =
  /^(DECIMAL|NUMERIC|(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|INT[248]|FLOAT[48]?|DOUBLE|REAL)\b)/i
export const isNumber = (type: string): boolean => numeric.test(type)

/** Zeros that only fill a decimal's scale are left out, behind two places; thousands are set apart. */
export function decimal(text: string): string {
  const found = /^(-?)(\d+)(\.\d+)?$/.exec(text)
  if (found === null) return text
  const [, sign = '', whole = '', part = ''] = found
  const rest = part.replace(/(\.\d\d\d*?)0+$/, '$1')
  return `${sign === '-' ? '−' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${rest}`
}
