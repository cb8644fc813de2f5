import type { Endpoint } from './endpoints.ts'
import { endpoints } from './endpoints.ts'
import type { Provider } from './invented/plan.ts'
import { providers } from './invented/plan.ts'
import type { MisbehaviourName, Misbehaviour as Sentence } from './misbehaviours.ts'
import { misbehaviours, usualTimes } from './misbehaviours.ts'

/** One misbehaviour, switched on. What is left out matches everything. */
export interface Misbehaviour {
  readonly name: MisbehaviourName
  readonly provider?: Provider
  readonly person?: number
  readonly endpoint?: Endpoint
  /** How many requests it strikes. Default: as its sentence says, else without end. */
  readonly times?: number
  /** How many matching requests it lets through first. Default 0. */
  readonly after?: number
  readonly variant?: string
}

/** What a request is about. */
export interface About {
  readonly provider: Provider
  readonly endpoint: Endpoint
  readonly person: number | undefined
}

export interface Switchboard {
  on(rule: Misbehaviour): void
  off(): void
  rules(): readonly Misbehaviour[]
  /** The variant (or empty text) when the misbehaviour strikes this request, which then counts as struck. */
  strikes(name: MisbehaviourName, about: About): string | undefined
}

interface Live {
  readonly rule: Misbehaviour
  left: number
  waiting: number
}

/** Keeps the rules that are on, and counts their strikes. */
export function openSwitchboard(): Switchboard {
  let live: Live[] = []
  return {
    on(rule) {
      refuseUnknown(rule)
      const left = rule.times ?? usualTimes[rule.name] ?? Infinity
      live.push({ rule, left, waiting: rule.after ?? 0 })
    },
    off() {
      live = []
    },
    rules: () => live.filter((one) => one.left > 0).map((one) => one.rule),
    strikes(name, about) {
      for (const one of live) {
        if (one.rule.name !== name || one.left === 0 || !matches(one.rule, about)) continue
        if (one.waiting > 0) {
          one.waiting -= 1
          continue
        }
        one.left -= 1
        return one.rule.variant ?? variantsOf(name)[0] ?? ''
      }
      return undefined
    },
  }
}

function matches(rule: Misbehaviour, about: About): boolean {
  if (rule.provider !== undefined && rule.provider !== about.provider) return false
  if (rule.endpoint !== undefined && rule.endpoint !== about.endpoint) return false
  return rule.person === undefined || rule.person === about.person
}

function variantsOf(name: MisbehaviourName): readonly string[] {
  const sentence: Sentence = misbehaviours[name]
  return sentence.variants ?? []
}

/** Throws RangeError, naming what there is, for a word in a rule that is not in its list. */
export function refuseUnknown(rule: Misbehaviour): void {
  refuse('misbehaviour', rule.name, Object.keys(misbehaviours))
  if (rule.provider !== undefined) refuse('provider', rule.provider, providers)
  if (rule.endpoint !== undefined) refuse('endpoint', rule.endpoint, endpoints)
  if (rule.variant !== undefined) refuse('variant', rule.variant, variantsOf(rule.name))
  for (const name of ['person', 'times', 'after'] as const) {
    const value = rule[name]
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0))
      throw new RangeError(`A misbehaviour's ${name} must be a whole number, 0 or more.`)
  }
}

function refuse(what: string, word: string, list: readonly string[]): void {
  if (list.includes(word)) return
  const choices = list.length === 0 ? 'It has none.' : `Choose one of: ${list.join(', ')}.`
  throw new RangeError(`There is no ${what} ${JSON.stringify(word)}. ${choices}`)
}
