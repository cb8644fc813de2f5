import { guidFrom, hash32, hexOf } from './chance.ts'

/** The LoginId of a login: the same at every asking, and readable back without a list. */
export function loginIdOf(seed: string, login: number): string {
  const mask = hash32(`${seed}/login`)
  const hidden = ((login ^ mask) >>> 0).toString(16).padStart(8, '0')
  return guidFrom(`${hexOf(seed, 'login', login).slice(0, 24)}${hidden}`)
}

/** The login of a LoginId; undefined when it is none of the first `count`. */
export function loginOf(seed: string, loginId: string, count: number): number | undefined {
  if (!/^[0-9a-f-]{36}$/.test(loginId)) return undefined
  const login = (Number.parseInt(loginId.slice(-8), 16) ^ hash32(`${seed}/login`)) >>> 0
  return login < count && loginIdOf(seed, login) === loginId ? login : undefined
}

/** How the first logins behave, so that a demo can show it; all others answer at once. */
export type Temper = 'ready' | 'slow' | 'mfa' | 'disabled'
export const tempers: readonly Temper[] = ['ready', 'slow', 'mfa', 'disabled']

/** How a login behaves, by its number. */
export function temperOf(login: number): Temper {
  return tempers[login] ?? 'ready'
}

/** What the bank of every `mfa` login asks, and what it wants to hear. */
export const securityQuestion = { prompt: 'What city were you born in?', answer: 'Montreal' }
