import { createHash } from 'node:crypto'

/** A source of repeatable choices. The same key gives the same choices in any process, in the order asked. */
export interface Chance {
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** True in `percent` of 100 cases. */
  percent(percent: number): boolean
  pick<T>(list: readonly T[]): T
  /** Decimal digits. */
  digits(count: number): string
}

/** Choices that follow from the parts of a key: seed, provider, person, account and what the choices are for. */
export function chanceOf(...key: readonly (string | number)[]): Chance {
  let state = hash32(key.join('\u0000'))
  const next = (): number => {
    // mulberry32: 32 bits of state are plenty for inventing groceries, and it costs next to nothing.
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (end: number): number => next() % end
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    percent: (percent) => below(100) < percent,
    pick: <T>(list: readonly T[]): T => {
      const choice = list[below(list.length)]
      if (choice === undefined) throw new RangeError('There is nothing to pick from.')
      return choice
    },
    digits: (count) => Array.from({ length: count }, () => below(10)).join(''),
  }
}

/** FNV-1a with a final mix, 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** 32 hexadecimal digits that follow from a key. */
export function hexOf(...key: readonly (string | number)[]): string {
  return createHash('sha256').update(key.join('\u0000')).digest('hex').slice(0, 32)
}

/** A GUID (RFC 9562 form, version 4 by its looks) that follows from a key. */
export function guidOf(...key: readonly (string | number)[]): string {
  return guidFrom(hexOf(...key))
}

/** A GUID from 32 hexadecimal digits; two of them give way to its version and variant. */
export function guidFrom(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
