import type { Ending } from './rig.ts'

/** What became of one injected fault. */
export interface Outcome {
  readonly fault: string
  /** How the connection stands afterwards; `-` where the fault is about no connection. */
  readonly ending: Ending | '-'
  /** Empty when everything was as it must be; else what was not. */
  readonly wrong: string
  /** Token requests of one round of callers, where the fault is about that. */
  readonly requests?: number
}

export interface FaultOptions {
  /** A part of the faults, for every commit. */
  readonly quick: boolean
  /** In [0, 1): which part. */
  readonly random: () => number
}

/** A family of faults. Ends without outcomes, after saying why, where this machine cannot make them. */
export type FaultGroup = (
  options: FaultOptions,
  say: (line: string) => void,
) => AsyncGenerator<Outcome>

/** All of them, or, when quick, so many by chance. */
export function some<T>(all: readonly T[], count: number, { quick, random }: FaultOptions): T[] {
  if (!quick) return [...all]
  const order = all.map((item) => ({ item, at: random() })).sort((a, b) => a.at - b.at)
  return order.slice(0, count).map(({ item }) => item)
}

/** Names the first condition that does not hold. */
export const firstWrong = (conditions: Readonly<Record<string, boolean>>): string =>
  Object.entries(conditions).find(([, holds]) => !holds)?.[0] ?? ''
