import type { ExactNumber } from './json.ts'
import { exact } from './json.ts'

/** An amount of money in hundredths of its currency. */
export type Cents = bigint

/** `1234n` → `12.34`. */
export function centsText(cents: Cents): string {
  return scaledText(cents, 2)
}

/** A whole number of the smallest part → decimal text with that many digits after the point. */
export function scaledText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const sign = value < 0n ? '-' : ''
  if (scale === 0) return `${sign}${digits}`
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Money as a JSON number of exactly these digits. */
export function money(cents: Cents): ExactNumber {
  return exact(centsText(cents))
}

/** A rate, quantity or price from its smallest part, as a JSON number of exactly these digits. */
export function decimal(value: bigint | number, scale: number): ExactNumber {
  return exact(scaledText(BigInt(value), scale))
}

/** Whole dollars, and cents if there are any. */
export function dollars(whole: number, cents = 0): Cents {
  return BigInt(whole) * 100n + BigInt(cents)
}

/** `value × numerator ÷ denominator`, rounded half away from zero. */
export function share(value: bigint, numerator: bigint, denominator: bigint): bigint {
  const product = value * numerator * 2n
  const half = product < 0n ? -denominator : denominator
  return (product + half) / (denominator * 2n)
}
